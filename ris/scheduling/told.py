"""What a clerk sees of the messages to a patient about one appointment."""

from __future__ import annotations

from ris.accounts.models import User
from ris.core.panels import Panel
from ris.notifications.channels import is_open
from ris.notifications.models import EMAIL, SMS, Message, policy_of
from ris.scheduling.models import Appointment
from ris.scheduling.reminders import contact_of


def messages_of(appointment: Appointment, user: User) -> list[Panel]:
    """Written when, sent when, or why not; and why nothing will be."""
    rows = list(Message.objects.about(appointment))
    context = {
        "appointment": appointment,
        "rows": rows,
        "zone": appointment.site.time_zone,
        "why_not": _why_not(appointment),
    }
    return [Panel("Messages to the patient", "scheduling/_told.html", context)]


def _why_not(appointment: Appointment) -> str:
    person = appointment.patient.current
    if not (is_open(EMAIL) or is_open(SMS)):
        return "Neither mail nor SMS is set up: nothing is sent."
    if not policy_of(appointment.site).enabled:
        return "This site writes nothing to patients."
    if person.messages_declined:
        return "The patient wants no messages."
    if contact_of(person) is None:
        return "No address or mobile number that can be written to."
    return ""
