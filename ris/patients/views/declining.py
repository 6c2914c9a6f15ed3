"""The page behind the link at the end of a mail: no sign-in, no name, one button."""

from __future__ import annotations

from allauth.core import ratelimit
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from ris.core.actors import SystemActor
from ris.patients import actions

LINK = SystemActor("mail-link")


@csrf_exempt  # the token is the proof, and mail programs post without a page (RFC 8058)
@require_http_methods(["GET", "POST"])
def decline_messages(request: HttpRequest, token: str) -> HttpResponse:
    """Asking changes nothing, as scanners of mail open every link; the button does."""
    if not ratelimit.consume(request, action="decline_messages"):
        return render(request, "patients/declined.html", {"busy": True}, status=429)
    patient = actions.patient_of_token(token)
    if request.method == "POST":
        actions.decline_messages(patient, by=LINK)
    return render(request, "patients/declined.html", {"done": patient.messages_declined or request.method == "POST"})
