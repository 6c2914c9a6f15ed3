"""Records that were merged by mistake and parted again: nobody gets another's paper, mail or appointment."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from ris.core.errors import Collision, InvalidInput
from ris.orders.models import Order
from ris.patients.actions import merge_patients, unmerge_patient
from ris.patients.models import Patient
from ris.printing.contents import of_appointment
from ris.printing.papers import Slip
from ris.scheduling.actions import Slot, book
from ris.scheduling.invitations import facts_of
from ris.scheduling.models import Appointment
from ris.scheduling.reminders import tell
from tests.ris.notifications.servers import MailServer
from tests.ris.scheduling.parts import nine
from tests.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.db]


@pytest.fixture
def pair(world: World) -> tuple[Patient, Patient]:
    """Two women of one name, taken for one person."""
    return world.patient("Adams", "Ann", email="ann@example.org"), world.patient("Adams", "Anna")


def booked_while_merged(world: World, pair: tuple[Patient, Patient]) -> Appointment:
    ann, anna = pair
    order = world.order(anna)
    merge_patients(anna, into=ann, reason="Same name", by=world.clerk)
    booked = world.booking(order, start=nine(world))
    unmerge_patient(anna, reason="Another birth date", by=world.clerk)
    return Appointment.objects.get(pk=booked.pk)


def test_what_was_booked_while_merged_goes_back_to_the_one_whose_order_it_is(
    world: World, pair: tuple[Patient, Patient]
) -> None:
    appointment = booked_while_merged(world, pair)
    slip = of_appointment("slip", appointment)[0].content
    assert isinstance(slip, Slip)
    assert (appointment.patient, slip.person.name) == (pair[1], "Adams, Anna")


def test_it_is_she_who_is_elsewhere_then_and_not_the_other(world: World, pair: tuple[Patient, Patient]) -> None:
    ann, anna = pair
    appointment = booked_while_merged(world, pair)
    with pytest.raises(Collision, match="two places"):
        world.booking(world.order(anna, code="MRBRAIN"), room="MR 1", start=appointment.start)
    other = world.booking(world.order(ann, code="MRBRAIN"), room="MR 1", start=appointment.start)
    assert other.state == "booked"


def test_an_appointment_of_exams_that_are_now_two_peoples_prints_nothing_and_writes_to_nobody(
    world: World, pair: tuple[Patient, Patient], mail_server: MailServer
) -> None:
    ann, anna = pair
    orders = [world.order(ann), world.order(anna)]
    merge_patients(anna, into=ann, reason="Same name", by=world.clerk)
    exams = [world.requested(Order.objects.get(pk=order.pk)) for order in orders]
    booked = book(exams, slot=Slot(resource=world.room(), start=nine(world), minutes=40), by=world.clerk)
    assert tell(Appointment.objects.get(pk=booked.pk), "confirmation") is not None
    unmerge_patient(anna, reason="Another birth date", by=world.clerk)
    parted = Appointment.objects.get(pk=booked.pk)
    for kind in ("slip", "label", "wristband"):
        with pytest.raises(InvalidInput, match="two people"):
            of_appointment(kind, parted)
    assert tell(parted, "reminder", hours=24) is None


def test_the_link_of_a_mail_from_the_time_of_the_merge_stops_ones_own_messages_and_no_other_s(
    world: World, pair: tuple[Patient, Patient], client: Client
) -> None:
    ann, anna = pair
    order = world.order(anna)
    merge_patients(anna, into=ann, reason="Same name", by=world.clerk)
    link = facts_of(world.booking(order, start=nine(world)), "confirmation").stop_link
    unmerge_patient(anna, reason="Another birth date", by=world.clerk)
    client.post(link[link.index("/patients/") :])
    assert list(Patient.objects.filter(messages_declined=True)) == [anna]


def test_the_board_names_a_person_as_identified(world: World, client: Client) -> None:
    alias, known = world.patient("Kilo", "Unknown"), world.patient("Nguyen", "Linh", phone="030 99")
    world.booking(world.order(alias), start=timezone.now() + timedelta(minutes=5))
    merge_patients(alias, into=known, reason="Her sister came", by=world.clerk)
    client.force_login(world.clerk)
    shown = client.get(reverse("scheduling:day")).content.decode()
    assert "Nguyen, Linh" in shown
    assert "Kilo" not in shown
