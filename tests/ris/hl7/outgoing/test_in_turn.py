"""Whose turn it is when records become one person while something is on its way."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from reporting.models import Report
from ris.hl7.outgoing import queue
from ris.hl7.outgoing.models import Destination, OutgoingMessage
from ris.hl7.outgoing.reading import waits_for
from ris.orders.models import Order
from ris.patients.actions import merge_patients
from tests import exam
from tests.ris.hl7.outgoing import composed, destination
from tests.world import World
from worklist.actions.reading import claim
from worklist.models import ReadingTask

pytestmark = [pytest.mark.db, pytest.mark.usefixtures("signing_key")]


def preliminary_backs_off(world: World, order: Order) -> Destination:
    """A preliminary report of the order waits for its next try."""
    where = destination(world.north, orders=False, appointments=False, pdf=False)
    report = exam.draft(world, task=exam.case(world, world.requested(order)), by=world.resident)
    exam.sign(report, world.resident, "preliminary")
    composed()
    OutgoingMessage.objects.update(next_at=timezone.now() + timedelta(minutes=4))
    return where


def signed_finally(world: World) -> None:
    task = claim(ReadingTask.objects.get(), by=world.radiologist)
    exam.sign(Report.objects.get(task=task), world.radiologist, grade="none")
    composed()


def patients_due(where: Destination) -> list[int]:
    return [message.patient_id for message in queue.due(where)]


def test_a_final_report_does_not_overtake_the_preliminary_one_of_a_record_that_was_merged_meanwhile(
    world: World,
) -> None:
    patient, stayed = world.patient("Before"), world.patient("After")
    where = preliminary_backs_off(world, world.order(patient))
    merge_patients(patient, into=stayed, reason="Same passport", by=world.clerk)
    signed_finally(world)
    assert list(OutgoingMessage.objects.order_by("pk").values_list("patient_id", flat=True)) == [patient.pk, stayed.pk]
    assert patients_due(where) == []
    preliminary, final = OutgoingMessage.objects.order_by("pk")
    assert waits_for(final) == preliminary
    OutgoingMessage.objects.update(next_at=timezone.now())
    assert patients_due(where) == [patient.pk], "one after the other"


def test_after_a_merge_another_exam_waits_too_for_what_was_written_before_it(world: World) -> None:
    patient, stayed = world.patient("Before"), world.patient("After")
    where = preliminary_backs_off(world, world.order(patient))
    merge_patients(patient, into=stayed, reason="Same passport", by=world.clerk)
    Destination.objects.update(appointments=True)
    world.booking(world.order(stayed), room="CT 1")
    composed()
    assert patients_due(where) == []


def test_messages_of_one_exam_keep_their_order_though_they_were_written_for_two_records(world: World) -> None:
    patient, other = world.patient("Before"), world.patient("After")
    where = preliminary_backs_off(world, world.order(patient))
    OutgoingMessage.objects.update(patient_id=other.pk)
    signed_finally(world)
    assert list(OutgoingMessage.objects.order_by("pk").values_list("patient_id", flat=True)) == [other.pk, patient.pk]
    assert patients_due(where) == []
