"""Two records that turn out to be one person, with appointments at the same time: somebody is told."""

from __future__ import annotations

from datetime import timedelta
from http import HTTPStatus

import pytest
from django.test import Client
from django.urls import reverse

from ris.events.models import Delivery
from ris.events.outbox import attempt
from ris.patients.actions import merge_patients, unmerge_patient
from ris.patients.models import Patient
from ris.scheduling.actions import Slot, displace, move
from ris.scheduling.models import Appointment, CallBack
from tests.ris.scheduling.parts import nine
from tests.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.db]


@pytest.fixture
def pair(world: World) -> tuple[Patient, Patient]:
    return world.patient("Adams", "Ann"), world.patient("Adams", "Anna")


@pytest.fixture
def visits(world: World, pair: tuple[Patient, Patient]) -> tuple[Appointment, Appointment]:
    """Ann in the CT at nine, Anna in the MR ten minutes later."""
    first = world.booking(world.order(pair[0]), start=nine(world))
    order = world.order(pair[1], code="MRBRAIN")
    return first, world.booking(order, room="MR 1", start=first.start + timedelta(minutes=10))


def delivered() -> None:
    rows = Delivery.objects.filter(subscriber="scheduling.overlaps", state="pending")
    for pk in rows.values_list("pk", flat=True):
        attempt(pk)


def merged(world: World, pair: tuple[Patient, Patient]) -> None:
    merge_patients(pair[1], into=pair[0], reason="Same card", by=world.clerk)
    delivered()


def waiting() -> list[int]:
    return list(CallBack.objects.filter(done_at__isnull=True).values_list("appointment", flat=True))


def test_the_later_one_stands_on_the_call_back_list_and_keeps_its_place(
    world: World, pair: tuple[Patient, Patient], visits: tuple[Appointment, Appointment], client: Client
) -> None:
    merged(world, pair)
    delivered()
    assert waiting() == [visits[1].pk]
    assert Appointment.objects.get(pk=visits[1].pk).state == "booked"
    client.force_login(world.clerk)
    board = client.get(reverse("scheduling:day"), {"day": nine(world).date().isoformat()}).content.decode()
    assert "In two places at once: also CT 1, 09:00." in board
    assert reverse("scheduling:move", args=[visits[1].pk]) in board


def test_the_page_that_merges_says_so_before(
    world: World, pair: tuple[Patient, Patient], visits: tuple[Appointment, Appointment], client: Client
) -> None:
    client.force_login(world.clerk)
    page = client.get(reverse("patients:merge", args=[pair[0].pk]), {"with": pair[1].pk}).content.decode()
    assert "two places at once" in page
    assert "CT 1, Adams, Ann" in page
    assert "MR 1, Adams, Anna" in page


def test_a_move_that_parts_them_ends_the_call(
    world: World, pair: tuple[Patient, Patient], visits: tuple[Appointment, Appointment]
) -> None:
    merged(world, pair)
    later = Slot(resource=visits[1].resource, start=visits[1].start + timedelta(hours=2), minutes=30)
    move(visits[1], slot=later, by=world.clerk)
    delivered()
    assert waiting() == []


def test_parting_the_records_ends_the_call_and_merging_them_again_renews_it(
    world: World, pair: tuple[Patient, Patient], visits: tuple[Appointment, Appointment]
) -> None:
    merged(world, pair)
    unmerge_patient(pair[1], reason="Another birth date", by=world.clerk)
    delivered()
    assert waiting() == []
    merged(world, pair)
    assert waiting() == [visits[1].pk]


def test_who_is_here_keeps_the_place(
    world: World, pair: tuple[Patient, Patient], visits: tuple[Appointment, Appointment]
) -> None:
    Appointment.objects.filter(pk=visits[1].pk).update(state="arrived")
    merged(world, pair)
    assert waiting() == [visits[0].pk]


def test_one_after_the_other_is_nobody_s_business(world: World, pair: tuple[Patient, Patient]) -> None:
    first = world.booking(world.order(pair[0]), start=nine(world))
    world.booking(world.order(pair[1], code="MRBRAIN"), room="MR 1", start=first.end)
    merged(world, pair)
    assert waiting() == []


def test_one_that_is_displaced_afterwards_waits_as_displaced(
    world: World, pair: tuple[Patient, Patient], visits: tuple[Appointment, Appointment]
) -> None:
    merged(world, pair)
    urgent = world.requested(world.order(world.patient("Other"), code="MRBRAIN", priority="STAT"))
    slot = Slot(resource=visits[1].resource, start=visits[1].start, minutes=30)
    displace([urgent], slot=slot, reason="Stroke", by=world.technologist)
    delivered()
    assert CallBack.objects.get(done_at__isnull=True).reason == "displaced: Stroke"


def test_the_order_of_a_merged_record_shows_who_it_is_now(
    world: World, pair: tuple[Patient, Patient], client: Client
) -> None:
    order = world.order(pair[1])
    merge_patients(pair[1], into=pair[0], reason="Same card", by=world.clerk)
    client.force_login(world.clerk)
    page = client.get(reverse("orders:detail", args=[order.pk]))
    assert page.status_code == HTTPStatus.OK
    banner = page.content.decode().partition("patient-banner")[2].partition("</section>")[0]
    assert f'data-patient-id="{pair[0].pk}"' in banner
    assert '">Adams, Ann</a>' in banner
    assert "Filed under Adams, Anna" in banner
    own = client.get(reverse("patients:detail", args=[pair[1].pk])).content.decode()
    assert f'data-patient-id="{pair[1].pk}"' in own
