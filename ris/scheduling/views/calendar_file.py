"""An appointment as a calendar file, to be handed over or mailed by hand."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.views.decorators.http import require_GET

from ris import audit
from ris.core.http import SignedInRequest
from ris.scheduling import ics
from ris.scheduling.invitations import invitation_of
from ris.scheduling.views.appointments import appointment_of


@login_required
@require_GET
def calendar_file(request: SignedInRequest, appointment_id: int) -> HttpResponse:
    """What the patient's calendar takes in; the same event again after a move (RFC 5545)."""
    found = appointment_of(request, appointment_id)
    audit.record("appointment.exported", found, by=request.user)
    answer = HttpResponse(ics.written(invitation_of(found)), content_type="text/calendar; charset=utf-8")
    answer.headers["Content-Disposition"] = 'attachment; filename="appointment.ics"'
    return answer
