"""An appointment as a calendar file, to be handed over or mailed by hand."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.views.decorators.http import require_GET

from ris.core.http import SignedInRequest
from ris.scheduling.handing import calendar_answer
from ris.scheduling.views.appointments import appointment_of


@login_required
@require_GET
def calendar_file(request: SignedInRequest, appointment_id: int) -> HttpResponse:
    """The file of one appointment."""
    return calendar_answer(appointment_of(request, appointment_id), by=request.user)
