"""The page behind the link at the end of a mail: no sign-in, no name, one button."""

from __future__ import annotations

from allauth.core import ratelimit
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from ris.core.actors import SystemActor
from ris.notifications.languages import DEFAULT, phrases_of
from ris.notifications.models import policy_of
from ris.patients import actions
from ris.patients.models import Patient

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
    done, language = patient.messages_declined or request.method == "POST", _language(patient)
    context = {"done": done, "language": language, "say": _said(language, done=done)}
    return render(request, "patients/declined.html", context)


def _language(patient: Patient) -> str:
    """The person's own, else that of where they are registered."""
    site = patient.sites.first()
    return patient.language or (policy_of(site).language if site else DEFAULT)


def _said(language: str, *, done: bool) -> dict[str, str]:
    phrases = phrases_of(language)
    if done:
        return {"title": phrases["stopped-title"], "text": phrases["stopped"]}
    return {"title": phrases["stop-title"], "text": phrases["stop-ask"], "button": phrases["stop-button"]}
