"""What scheduling does when an appointment was booked, moved or cancelled: the patient is told."""

from __future__ import annotations

from ris.events.models import Event
from ris.notifications.models import policy_of
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
