"""What scheduling does when an appointment was booked, moved or cancelled, or when records became one person."""

from __future__ import annotations

from ris.events.models import Event
from ris.notifications.models import policy_of
from ris.patients.models import Patient
from ris.scheduling.actions.late import place_again
from ris.scheduling.actions.overlaps import has_overlaps, settle_overlaps
from ris.scheduling.models import Appointment
from ris.scheduling.reminders import tell

KINDS = {
    "appointment.booked": "confirmation",
    "appointment.moved": "change",
    "appointment.cancelled": "cancellation",
}


def tell_patient(event: Event) -> None:
    """As it is by now: a booking that was moved meanwhile is told by the event of its move."""
    found = Appointment.objects.select_related("patient", "resource", "site").filter(pk=event.target_id).first()
    if found is None or (event.kind == "appointment.booked" and found.sequence):
        return
    policy = policy_of(found.site)
    if policy.confirm if event.kind == "appointment.booked" else policy.tell_changes:
        tell(found, KINDS[event.kind])


def put_back_on_worklist(event: Event) -> None:
    """An appointment that was missed stands again: all that is done in it does."""
    place_again(Appointment.objects.get(pk=int(event.target_id)))


def look_for_overlaps(event: Event) -> None:
    """Two records that are one person, or are not any more; or one of two appointments at one time has gone."""
    ids = {int(event.payload[name]) for name in ("loser_id", "into_id") if name in event.payload}
    if not ids:
        person = Patient.objects.filter(appointments=int(event.target_id)).first()
        ids = {person.pk} if person is not None and has_overlaps(person) else set()
    for patient in Patient.objects.filter(pk__in=ids).select_related("merged_into").order_by("pk"):
        settle_overlaps(patient)
