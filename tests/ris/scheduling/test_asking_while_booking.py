"""The booking form holds a time that is free, and asks what the exam asks; what nobody asked is said aloud."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from ris.orders.models import RequestedProcedure, SafetyAnswer
from ris.scheduling.actions import Slot, book
from ris.scheduling.models import Appointment
from tests.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.db]


@pytest.fixture
def clerk(world: World, client: Client) -> Client:
    client.force_login(world.clerk, "allauth.account.auth_backends.AuthenticationBackend")
    return client


@pytest.fixture
def requested(world: World) -> RequestedProcedure:
    """A CT with contrast of a woman of thirty: it asks all but the implant."""
    return world.requested(world.order(world.patient(birth_date=date(1995, 3, 1)), code="CTABD"))


def shown(clerk: Client, requested: RequestedProcedure) -> dict[str, str]:
    """What the browser would send if nothing were typed."""
    page = clerk.get(reverse("scheduling:book", args=[requested.pk]))
    form, safety = page.context["form"], page.context["safety"]
    typed = {name: form[name].value() for name in form.fields}
    typed |= {f"safety-{name}": safety[name].value() for name in safety.fields}
    return {name: str(value) for name, value in typed.items() if value is not None}


def test_what_the_form_holds_can_be_booked_as_it_stands(
    world: World, clerk: Client, requested: RequestedProcedure
) -> None:
    start = timezone.now().replace(second=0, microsecond=0)
    for number in range(3):
        slot = Slot(resource=world.room(), start=start + timedelta(minutes=20 * number), minutes=20)
        book([world.requested(world.order(world.patient(f"Before{number}")))], slot=slot, by=world.clerk)
    answer = clerk.post(reverse("scheduling:book", args=[requested.pk]), shown(clerk, requested))
    assert answer.status_code == 302
    assert Appointment.objects.get(patient=requested.order.patient).start >= start + timedelta(minutes=60)


def test_a_time_that_was_chosen_elsewhere_stays(world: World, clerk: Client, requested: RequestedProcedure) -> None:
    query = f"?room={world.room().pk}&day=2027-03-02&time=09:35"
    page = clerk.get(reverse("scheduling:book", args=[requested.pk]) + query)
    assert (page.context["form"]["time"].value(), page.context["form"]["day"].value()) == ("09:35", "2027-03-02")


def test_the_form_asks_what_the_exam_asks_and_keeps_each_answer(clerk: Client, requested: RequestedProcedure) -> None:
    typed = shown(clerk, requested)
    assert "safety-implant_on" not in typed
    typed |= {"safety-egfr": "38", "safety-egfr_on": "2026-01-05", "safety-egfr_source": "Laboratory"}
    typed |= {"safety-contrast_reaction": "no", "safety-pregnancy": "no"}
    told = clerk.post(reverse("scheduling:book", args=[requested.pk]), typed, follow=True).content.decode()
    kept = SafetyAnswer.objects.filter(order=requested.order).values_list(
        "kind", "value", "measured_on", "source", "effect"
    )
    today = timezone.localdate(timezone=requested.order.site.zone)
    assert set(kept) == {
        ("egfr", "38", date(2026, 1, 5), "Laboratory", "caution"),
        ("contrast_reaction", "no", today, "Patient", "none"),
        ("pregnancy", "no", today, "Patient", "none"),
    }
    assert "Not asked yet: Metformin." in told


def test_what_is_no_answer_is_told_beside_its_field_and_nothing_is_booked(
    clerk: Client, requested: RequestedProcedure
) -> None:
    typed = shown(clerk, requested) | {
        "safety-egfr": "many",
        "safety-pregnancy_on": "2050-01-01",
        "safety-pregnancy": "no",
    }
    answer = clerk.post(reverse("scheduling:book", args=[requested.pk]), typed)
    page = answer.content.decode()
    assert (answer.status_code, "A number from 0 to 200" in page, "has not come yet" in page) == (422, True, True)
    assert 'value="many"' in page
    assert not Appointment.objects.exists()
    assert not SafetyAnswer.objects.exists()


def test_a_slot_that_is_taken_meanwhile_keeps_no_answer_either(
    world: World, clerk: Client, requested: RequestedProcedure
) -> None:
    typed = shown(clerk, requested) | {"safety-metformin": "yes"}
    start = datetime.fromisoformat(f"{typed['day']}T{typed['time']}").replace(tzinfo=world.north.zone)
    world.booking(world.order(world.patient("Faster")), start=start)
    page = clerk.post(reverse("scheduling:book", args=[requested.pk]), typed)
    assert "CT 1 is taken" in page.content.decode()
    assert not SafetyAnswer.objects.exists()


def test_a_question_that_was_answered_is_not_asked_again(clerk: Client, requested: RequestedProcedure) -> None:
    typed = shown(clerk, requested) | {"safety-metformin": "no"}
    clerk.post(reverse("scheduling:book", args=[requested.pk]), typed)
    page = clerk.get(reverse("scheduling:book", args=[requested.pk]))
    assert "metformin" not in page.context["safety"].kinds
    assert "egfr" in page.context["safety"].kinds


def test_the_board_and_the_check_in_say_what_nobody_asked(
    world: World, clerk: Client, requested: RequestedProcedure
) -> None:
    slot = Slot(resource=world.room(), start=world.soon(), minutes=20)
    booked = book([requested], slot=slot, by=world.clerk)
    words = "eGFR, Contrast reaction, Metformin, Pregnancy"
    day = slot.start.astimezone(world.north.zone).date()
    assert f"Not asked: {words}" in clerk.get(f"/schedule/?day={day}").content.decode()
    assert f"Not asked yet: {words}" in clerk.get(f"/schedule/{booked.pk}/").content.decode()
    told = clerk.post(f"/schedule/{booked.pk}/arrive/", follow=True).content.decode()
    assert "Checked in." in told
    assert f"Not asked yet: {words}." in told


def test_an_order_is_placed_with_what_was_answered(world: World, clerk: Client) -> None:
    person = world.patient(birth_date=date(1995, 3, 1))
    typed = {"site": world.north.pk, "procedures": [world.procedure().pk], "priority": "ROUTINE",
             "safety-pregnancy": "possible", "safety-implant": "unsafe"}  # fmt: skip
    assert clerk.post(reverse("orders:place", args=[person.pk]), typed).status_code == 302
    kept = SafetyAnswer.objects.get()  # a CT asks for no implant
    assert (kept.kind, kept.effect, kept.patient) == ("pregnancy", "hard-stop", person)


@pytest.mark.parametrize("zone", ["Pacific/Honolulu", "Pacific/Kiritimati"])
def test_today_is_the_sites_today(world: World, clerk: Client, zone: str) -> None:
    """One of the two has another day than the server, whenever this runs."""
    type(world.north).objects.filter(pk=world.north.pk).update(time_zone=zone)
    requested = world.requested(world.order(world.patient(birth_date=date(1995, 3, 1)), code="CTABD"))
    data = shown(clerk, requested) | {"safety-pregnancy": "no"}
    assert clerk.post(reverse("scheduling:book", args=[requested.pk]), data).status_code == 302
    today = timezone.localdate(timezone=ZoneInfo(zone))
    assert SafetyAnswer.objects.get(kind="pregnancy").measured_on == today
    newborn = world.patient("Baby of Kahananui", birth_date=today)
    assert newborn.birth_date == today


@pytest.mark.parametrize(("chosen", "said"), [({"day": "2020-03-02", "time": "09:35"}, True), ({}, False)])
def test_a_time_that_is_over_is_booked_and_said(
    clerk: Client, requested: RequestedProcedure, chosen: dict[str, str], said: bool
) -> None:
    typed = shown(clerk, requested) | chosen
    answer = clerk.post(reverse("scheduling:book", args=[requested.pk]), typed, follow=True)
    assert Appointment.objects.filter(patient=requested.order.patient).exists()
    assert ("That time has passed already" in answer.content.decode()) is said
