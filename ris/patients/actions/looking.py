"""Opening a patient file is an act (DESIGN.md §5.8)."""

from __future__ import annotations

from ris import audit
from ris.core.actors import Actor
from ris.core.errors import InvalidInput
from ris.core.texts import fault_of_text
from ris.patients.models import Patient

LONGEST_REASON = 200


def open_file(patient: Patient, *, by: Actor, reason: str = "") -> None:
    """Record the look. A confidential file opens only with a reason, which is kept; raises InvalidInput without one."""
    reason = reason.strip()
    if patient.confidential and (not reason or fault_of_text(reason, longest=LONGEST_REASON)):
        words = f"This file is confidential: say in at most {LONGEST_REASON} characters why you open it."
        raise InvalidInput(words, fields={"reason": words})
    audit.record("patient.opened", patient, by=by, patient=patient, reason=reason)
