"""Placing and cancelling orders: numbers exist from the first moment and are never given twice."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.db import connection

from ris.audit.models import AuditEvent
from ris.core.errors import InvalidInput, NotPermitted, TransitionError
from ris.core.identifiers import is_accession, is_uid
from ris.events.models import Event
from ris.orders.actions import OrderDetails, cancel_order, place_order
from ris.orders.models import IssuedAccession, Order, RequestedProcedure
from ris.patients.models import Patient
from ris.scheduling.actions import arrive, start_step
from ris.scheduling.models import Appointment, Reservation, ScheduledProcedureStep
from tests import exam
from tests.world import World
from worklist.models import ReadingTask


def place(world: World, *codes: str, by: str = "clerk", patient: Patient | None = None, **details: Any) -> Order:
    procedures = [world.procedure(code) for code in codes]
    return place_order(
        patient or world.patient(), site=world.north, procedures=procedures, details=OrderDetails(**details),
        by=world.people[by],
    )  # fmt: skip


def test_each_procedure_has_its_numbers_and_its_step(world: World) -> None:
    order = place(world, "CTCHEST", "MRBRAIN", "DXCHEST")
    requested = list(order.procedures.all())
    assert len({one.accession_number for one in requested}) == len({one.study_instance_uid for one in requested}) == 3
    assert all(is_accession(one.accession_number) and is_uid(one.study_instance_uid) for one in requested)
    assert all(one.accession_number.startswith("N") for one in requested)
    steps = ScheduledProcedureStep.objects.filter(requested_procedure__order=order)
    assert sorted(steps.values_list("state", "modality")) == [("SCHEDULED", m) for m in ("CT", "DX", "MR")]
    assert (order.state, order.placed_by_name) == ("active", "Clara Clerk")


def test_placing_is_audited_and_told_by_ids_alone(world: World) -> None:
    order = place(world, "CTCHEST", reason="Cough")
    row = AuditEvent.objects.get(action="order.placed")
    assert (row.patient_id, row.site_id, row.detail) == (order.patient_id, world.north.pk, {"procedures": ["CTCHEST"]})
    event = Event.objects.get(kind="order.placed")
    assert (event.target_id, event.payload) == (str(order.pk), {})


def test_the_study_uid_of_a_procedure_never_changes(world: World) -> None:
    requested = place(world, "CTCHEST").procedures.get()
    before = requested.study_instance_uid
    booked = world.booking(requested.order)
    arrive(booked, by=world.clerk)
    start_step(booked.steps.get(), by=world.technologist)
    assert RequestedProcedure.objects.get(pk=requested.pk).study_instance_uid == before


def test_an_order_on_a_merged_record_is_for_the_person_that_stands(world: World) -> None:
    kept, double = world.patient("Kept"), world.patient("Double")
    Patient.objects.filter(pk=double.pk).update(merged_into=kept)
    double.refresh_from_db()
    assert place(world, "CTCHEST", patient=double).patient == kept


def test_a_patient_becomes_known_where_something_is_ordered(world: World) -> None:
    patient = world.patient()
    assert not Patient.objects.visible_to(world.outsider).filter(pk=patient.pk).exists()
    place_order(patient, site=world.south, procedures=[world.procedure()], details=OrderDetails(), by=world.outsider)
    assert Patient.objects.visible_to(world.outsider).filter(pk=patient.pk).exists()
    assert not Order.objects.visible_to(world.clerk).filter(site=world.south).exists()


@pytest.mark.parametrize("who", ["technologist", "resident", "referrer", "siteadmin", "admin", "outsider"])
def test_ordering_is_for_clerks_and_radiologists_of_the_site(who: str, world: World) -> None:
    patient = world.patient()
    with pytest.raises(NotPermitted):
        place(world, "CTCHEST", by=who, patient=patient)
    assert (Order.objects.count(), IssuedAccession.objects.count()) == (0, 0)


@pytest.mark.parametrize(("details", "field"), [
    ({"priority": "SOON"}, "priority"), ({"referrer_name": "A\\B"}, "referrer_name"), ({"reason": "x" * 256}, "reason"),
    ({"clinical_question": "a\x00b"}, "clinical_question"), ({"placer_number": "1" * 65}, "placer_number"),
])  # fmt: skip
def test_what_cannot_be_used_is_named_beside_its_field(details: dict[str, Any], field: str, world: World) -> None:
    with pytest.raises(InvalidInput) as refused:
        place(world, "CTCHEST", **details)
    assert set(refused.value.fields) == {field}
    assert not Order.objects.exists()


def test_an_order_of_nothing_is_refused(world: World) -> None:
    with pytest.raises(InvalidInput) as refused:
        place(world)
    assert set(refused.value.fields) == {"procedures"}


def test_cancelling_frees_the_slot_and_takes_the_step_off_the_worklist(world: World) -> None:
    order = place(world, "CTCHEST")
    booked = world.booking(order)
    cancelled = cancel_order(order, reason=" Patient called ", by=world.clerk)
    assert (cancelled.state, cancelled.cancel_reason) == ("cancelled", "Patient called")
    assert Appointment.objects.get(pk=booked.pk).state == "cancelled"
    assert not Reservation.objects.get(appointment=booked).active
    assert ScheduledProcedureStep.objects.get(requested_procedure__order=order).state == "CANCELED"
    again = world.booking(place(world, "CTCHEST", patient=world.patient("Next")), start=booked.start)
    assert again.state == "booked"
    assert {"order.cancelled", "step.cancelled"} <= set(AuditEvent.objects.values_list("action", flat=True))


@pytest.mark.parametrize("reason", ["", "   "])
def test_cancelling_needs_a_reason(reason: str, world: World) -> None:
    order = place(world, "CTCHEST")
    with pytest.raises(InvalidInput) as refused:
        cancel_order(order, reason=reason, by=world.clerk)
    assert set(refused.value.fields) == {"reason"}
    assert Order.objects.get(pk=order.pk).state == "active"


def test_what_has_begun_is_not_cancelled_and_nothing_is_half_done(world: World) -> None:
    order = place(world, "CTCHEST", "MRBRAIN")
    start_step(order.procedures.all()[1].steps.get(), by=world.technologist)
    before = list(ScheduledProcedureStep.objects.order_by("pk").values())
    with pytest.raises(TransitionError):
        cancel_order(order, reason="No", by=world.clerk)
    assert list(ScheduledProcedureStep.objects.order_by("pk").values()) == before
    assert not Event.objects.filter(kind="order.cancelled").exists()


def test_what_has_images_is_not_cancelled(world: World) -> None:
    """Once an image exists it is read (workflow.md rule 4), also when no device said that it had begun."""
    order = place(world, "CTCHEST", priority="STAT")
    exam.noted(world.requested(order))
    with pytest.raises(TransitionError, match="archive"):
        cancel_order(order, reason="No", by=world.clerk)
    assert ReadingTask.objects.get().state == "waiting"
    assert Order.objects.get(pk=order.pk).state == "active"


def test_an_order_is_cancelled_once(world: World) -> None:
    order = place(world, "CTCHEST")
    cancel_order(order, reason="No", by=world.clerk)
    with pytest.raises(TransitionError, match="cancelled"):
        cancel_order(order, reason="No", by=world.clerk)
    assert Event.objects.filter(kind="order.cancelled").count() == 1


@pytest.mark.parametrize("who", ["technologist", "resident", "radiologist", "referrer", "siteadmin", "outsider"])
def test_cancelling_is_for_the_clerks_of_the_site(who: str, world: World) -> None:
    order = place(world, "CTCHEST")
    with pytest.raises(NotPermitted):
        cancel_order(order, reason="No", by=world.people[who])
    assert Order.objects.get(pk=order.pk).state == "active"


@pytest.mark.db
def test_twenty_clerks_at_once_get_twenty_accession_numbers(live_world: World) -> None:
    gate = threading.Barrier(20)
    patients = [live_world.patient(f"Patient{number}") for number in range(20)]

    def work(patient: Patient) -> None:
        gate.wait()
        try:
            place(live_world, "CTCHEST", "MRBRAIN", patient=patient)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(patient,)) for patient in patients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    numbers = set(RequestedProcedure.objects.values_list("accession_number", flat=True))
    uids = set(RequestedProcedure.objects.values_list("study_instance_uid", flat=True))
    assert len(numbers) == len(uids) == IssuedAccession.objects.count() == 40
