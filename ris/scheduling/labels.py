"""What is not a state but derived from the clock: late, and probably not coming (workflow.md rule 5)."""

from __future__ import annotations

from datetime import datetime, timedelta

from ris.scheduling.lifecycle import APPOINTMENT, STEP
from ris.scheduling.models import Appointment

LATE_AFTER = timedelta(minutes=10)
PRESUMED_AFTER = timedelta(minutes=45)

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
