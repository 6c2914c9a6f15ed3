"""A slot, and holding it against everybody else."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import IntegrityError, transaction

from ris.core.errors import Collision, InvalidInput
from ris.patients.models import Patient
from ris.scheduling.hours import after, require_near
from ris.scheduling.models import Appointment, Reservation, Resource
from ris.scheduling.overlap import MARK, PATIENT_MARK

LONGEST = 24 * 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """A room from an aware instant on, for so many minutes; lane 0 is the room's own."""

    resource: Resource
    start: datetime
    minutes: int
    lane: int = 0

    @property
    def end(self) -> datetime:
        return after(self.start, self.minutes)


def check(slot: Slot) -> None:
    """Raise InvalidInput for a slot of no use: too short, too long, decades away."""
    if not 1 <= slot.minutes <= LONGEST:
        raise InvalidInput("An appointment lasts between one minute and a day.", fields={"minutes": "1 to 1440"})
    if slot.start.tzinfo is None:
        raise ValueError("a slot needs an aware start")
    require_near(slot.start.date())


def hold(appointment: Appointment, slot: Slot, *, beside: Sequence[Resource] = ()) -> None:
    """Claim the lane, what is needed beside, and the patient's time; the database decides.

    What the appointment held before is given up. Raises Collision when one of them is taken.
    """
    patient = appointment.patient.current
    queue_for([slot.resource, *beside], patient)
    _require_patient_free(appointment, patient, slot)
    Reservation.objects.filter(appointment=appointment, main=False).delete()
    _claim(appointment, slot, patient)
    for resource in beside:
        _claim(appointment, replace(slot, resource=resource, lane=0), None)


def _claim(appointment: Appointment, slot: Slot, patient: Patient | None) -> None:
    """One row: the main one names the patient, those beside do not."""
    values = {"patient": patient, "lane": slot.lane, "start": slot.start, "end": slot.end, "active": True}
    try:
        with transaction.atomic():
            if patient is None:
                Reservation.objects.create(appointment=appointment, resource=slot.resource, main=False, **values)
            else:
                found = values | {"resource": slot.resource}
                Reservation.objects.update_or_create(appointment=appointment, main=True, defaults=found)
    except IntegrityError as error:
        if MARK in str(error):
            raise _room_taken(slot) from None
        if PATIENT_MARK in str(error):
            raise _patient_elsewhere(slot, None) from None
        raise


def queue_for(resources: Iterable[Resource], patient: Patient) -> None:
    """One at a time for rooms, then for a patient: two inserts that wait for each other would be a deadlock.

    In the order of their ids, whoever asks. Not keyed, as each has just pointed at both with a foreign key.
    """
    rooms = Resource.objects.filter(pk__in=[resource.pk for resource in resources]).order_by("pk")
    list(rooms.select_for_update(no_key=True).values_list("pk"))
    list(Patient.objects.filter(pk=patient.pk).select_for_update(no_key=True).values_list("pk"))


def queue_for_any(site_id: int, patient: Patient) -> None:
    """The same where what is given up, or the rooms of the parts to come, are not all known before."""
    queue_for(Resource.objects.filter(site=site_id), patient)


def _require_patient_free(appointment: Appointment, patient: Patient, slot: Slot) -> None:
    """Merged records are one person: the database knows only that of the surviving one."""
    family = Patient.objects.family(patient)
    others = Reservation.objects.filter(
        appointment__patient__in=family, active=True, start__lt=slot.end, end__gt=slot.start
    )
    other = others.exclude(appointment=appointment).select_related("resource__site").order_by("-main", "pk").first()
    if other is not None:
        raise _patient_elsewhere(slot, other)


def _room_taken(slot: Slot) -> Collision:
    local = slot.start.astimezone(slot.resource.site.zone)
    return Collision(
        f"{slot.resource} is taken at {local:%H:%M}. Nothing was changed: choose another time or room.",
        fields={"time": "This time is taken."},
    )


def _patient_elsewhere(slot: Slot, other: Reservation | None) -> Collision:
    """Another site's rooms stay that site's business: only the time is told."""
    site, where = slot.resource.site, "somewhere else"
    if other is not None:
        local = other.start.astimezone(site.zone)
        where = f"in {other.resource}" if other.resource.site_id == site.pk else "at another site"
        where += f" at {local:%H:%M}"
    return Collision(
        f"The patient has an appointment {where}: nobody is in two places. Nothing was changed: choose another time.",
        fields={"time": "The patient is elsewhere then."},
    )


def release(appointment: Appointment) -> None:
    Reservation.objects.filter(appointment=appointment).update(active=False)
