"""An appointment as a calendar file, to be handed over or mailed by hand."""

from __future__ import annotations

from django.http import HttpResponse

from ris import audit
from ris.core.actors import Actor
from ris.scheduling import ics
from ris.scheduling.invitations import invitation_of
from ris.scheduling.models import Appointment


def calendar_answer(found: Appointment, *, by: Actor) -> HttpResponse:
    """What the patient's calendar takes in; the same event again after a move (RFC 5545). That it left is recorded."""
    audit.record("appointment.exported", found, by=by)
    answer = HttpResponse(ics.written(invitation_of(found)), content_type="text/calendar; charset=utf-8")
    answer.headers["Content-Disposition"] = 'attachment; filename="appointment.ics"'
    return answer
