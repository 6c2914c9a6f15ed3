"""Nobody is in two places: the code says so in words, the database whatever the code does."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from ris.core.errors import Collision
from ris.patients.models import Patient
from ris.scheduling.actions import Slot, book, cancel_appointment, move
from ris.scheduling.models import Appointment, Reservation
from tests.world import World


def both(world: World, patient: Patient) -> Appointment:
    """A CT of the patient, so that a test can try an MR beside it."""
    return world.booking(world.order(patient))


def test_the_same_patient_in_another_room_at_the_same_time_is_refused_with_where(world: World) -> None:
    patient = world.patient()
    first = both(world, patient)
    other = world.order(patient, code="MRBRAIN")
    with pytest.raises(Collision, match="in CT 1"):
        world.booking(other, room="MR 1", start=first.start + timedelta(minutes=10))
    assert Appointment.objects.count() == 1


def test_one_exam_right_after_the_other_is_fine(world: World) -> None:
    patient = world.patient()
    first = both(world, patient)
    world.booking(world.order(patient, code="MRBRAIN"), room="MR 1", start=first.end)
    assert Appointment.objects.count() == 2


def test_moving_into_ones_own_other_appointment_is_refused(world: World) -> None:
    patient = world.patient()
    first = both(world, patient)
    second = world.booking(world.order(patient, code="MRBRAIN"), room="MR 1")
    with pytest.raises(Collision, match="nobody is in two places"):
        move(second, slot=Slot(resource=second.resource, start=first.start, minutes=20), by=world.clerk)


def test_a_cancelled_appointment_holds_nobody(world: World) -> None:
    patient = world.patient()
    first = both(world, patient)
    cancel_appointment(first, reason="Called", by=world.clerk)
    world.booking(world.order(patient, code="MRBRAIN"), room="MR 1", start=first.start)


def test_records_that_were_merged_are_one_person(world: World) -> None:
    alias, patient = world.patient("Doe", "J."), world.patient("Doe", "Jane")
    first = both(world, alias)
    Patient.objects.filter(pk=alias.pk).update(merged_into=patient)
    with pytest.raises(Collision):
        world.booking(world.order(patient, code="MRBRAIN"), room="MR 1", start=first.start)


def test_another_sites_room_is_not_named(world: World) -> None:
    patient = world.patient()
    elsewhere = both(world, patient)
    Reservation.objects.filter(appointment=elsewhere).update(resource=world.room("CT South"))
    with pytest.raises(Collision) as refused:
        world.booking(world.order(patient, code="MRBRAIN"), room="MR 1", start=elsewhere.start)
    assert "at another site" in refused.value.message
    assert "South" not in refused.value.message


@pytest.mark.db
def test_a_row_that_puts_one_patient_in_two_places_is_refused_by_the_database(world: World) -> None:
    patient = world.patient()
    held = both(world, patient).reservation
    rival = world.booking(world.order(patient, code="MRBRAIN"), room="MR 1").reservation
    with pytest.raises(IntegrityError, match="patient_overlap"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            'UPDATE scheduling_reservation SET start = %s, "end" = %s WHERE id = %s', [held.start, held.end, rival.pk]
        )
    assert Reservation.objects.get(pk=rival.pk).start == rival.start


def test_every_reservation_names_its_patient(world: World) -> None:
    patient = world.patient()
    book([world.requested(world.order(patient))], slot=Slot(resource=world.room(), start=world.soon(), minutes=20),
         by=world.clerk)  # fmt: skip
    assert Reservation.objects.get().patient == patient
