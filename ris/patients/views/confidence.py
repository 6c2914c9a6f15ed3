"""A confidential file stays open for the person who gave a reason, for half an hour, in this session only."""

from __future__ import annotations

from django.utils import timezone

from ris.core.errors import NotPermitted
from ris.core.http import SignedInRequest, get_or_404
from ris.patients.models import Patient

SECONDS = 30 * 60
KEY = "confidential_files"


def is_open(request: SignedInRequest, patient: Patient) -> bool:
    """Whether the person may see the file without being asked again."""
    if not patient.confidential:
        return True
    until = request.session.get(KEY, {}).get(str(patient.pk), 0.0)
    return bool(timezone.now().timestamp() < until)


def keep_open(request: SignedInRequest, patient: Patient) -> None:
    now = timezone.now().timestamp()
    kept = {key: until for key, until in request.session.get(KEY, {}).items() if until > now}
    request.session[KEY] = {**kept, str(patient.pk): now + SECONDS}


def opened_or_404(request: SignedInRequest, patient_id: int) -> Patient:
    """A patient whom the user may see, for the pages behind the file; a confidential one only after its reason."""
    patient = get_or_404(Patient.objects.visible_to(request.user), patient_id)
    if not is_open(request, patient):
        raise NotPermitted("This file is confidential. Open the patient file first and say why.")
    return patient
