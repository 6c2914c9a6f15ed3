"""What is not a state but derived from the clock: late, and probably not coming (workflow.md rule 5)."""

from __future__ import annotations

from datetime import datetime, timedelta

from ris.scheduling.lifecycle import APPOINTMENT, STEP
from ris.scheduling.models import Appointment, ScheduledProcedureStep

LATE_AFTER = timedelta(minutes=10)
PRESUMED_AFTER = timedelta(minutes=45)

# How states of an appointment are called where they are not what they look like; as in the badges of the face.
WORDS = {"fulfilled": "Completed", "noshow": "No-show"}

LATE = "late"
PRESUMED = "presumed no-show"


def attendance(appointment: Appointment, now: datetime) -> str:
    """LATE, PRESUMED or nothing. Only a label: the exam stays on the worklist, and a person decides.

    Never presumed of emergencies, nor once an exam has begun. Reads the steps with their orders: prefetch them.
    """
    steps = list(appointment.steps.all())
    begun = any(not STEP.within(step, "waiting") for step in steps)
    if begun or not APPOINTMENT.within(appointment, "expected") or now < appointment.start + LATE_AFTER:
        return ""
    emergency = any(step.requested_procedure.order.priority == "STAT" for step in steps)
    return PRESUMED if now >= appointment.start + PRESUMED_AFTER and not emergency else LATE


def state_words(appointment: Appointment) -> str:
    """The state as people say it."""
    return WORDS.get(appointment.state, appointment.get_state_display())


def listed_words(appointment: Appointment) -> str:
    """Who learns of it, as a sentence."""
    if appointment.resource.node_id is None:
        return f"{appointment.resource} has no device with a worklist: its staff see it here."
    return "It stands on the device's worklist now."


def past_words(appointment: Appointment, now: datetime) -> str:
    """That it was booked into a time that is over, as a sentence; empty when it lies ahead."""
    return "That time has passed already: move the appointment if it was not meant." if appointment.end <= now else ""


def parts_words(appointment: Appointment) -> str:
    """Where the other parts of its exam stand, as a sentence; empty when it has none."""
    coming = {"appointment__state__in": APPOINTMENT.groups["coming"]}
    rows = (
        ScheduledProcedureStep.objects.other_parts(appointment).filter(**coming).select_related("part", "appointment")
    )
    zone = appointment.site.zone
    told = [
        f"{row.part.name if row.part else row.description} at {row.appointment.start.astimezone(zone):%a %H:%M}"
        for row in rows
        if row.appointment
    ]
    return f" Its other parts: {', '.join(told)}." if told else ""
