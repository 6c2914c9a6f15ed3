"""What stands in a patient file."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ris.accounts.models import User
from ris.audit.models import AuditEvent
from ris.core import panels
from ris.patients import permissions
from ris.patients.models import Patient, PatientAlert, PatientIdentifier, PatientMerge

LOOKS = 20


def contents(patient: Patient, user: User) -> dict[str, Any]:
    """The file of the person, all merged records together, as its template shows it."""
    family = list(Patient.objects.family(patient))
    return {
        "patient": patient,
        "identifiers": PatientIdentifier.objects.filter(patient__in=family),
        "alerts": PatientAlert.objects.filter(patient__in=family),
        "merges": PatientMerge.objects.filter(into__in=family, undone_at__isnull=True).select_related("loser", "into"),
        "lead": panels.collect("patient-lead", patient, user),
        "panels": panels.collect("patient", patient, user),
        "looks": looks(family) if permissions.may_see_looks(user, patient) else None,
        "may_edit": permissions.may_edit(user, patient),
        "may_merge": permissions.may_merge(user, patient),
        "may_order": user.may("order.place", None),
        "may_walk_in": permissions.may_walk_in(user),
    }


@dataclass(frozen=True, slots=True)
class Look:
    """One act on the file: who, what in words, when, and why when a reason was asked."""

    who: str
    words: str
    at: datetime
    reason: str


def looks(family: list[Patient]) -> list[Look]:
    """Who opened or changed these records last, newest first."""
    rows = AuditEvent.objects.filter(patient_id__in=[patient.pk for patient in family], actor_kind="user")
    return [
        Look(row.actor_display, row.action.replace(".", " ").replace("-", " "), row.at, row.detail.get("reason", ""))
        for row in rows.order_by("-id")[:LOOKS]
    ]
