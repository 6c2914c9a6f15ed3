"""Alerts: what everybody must know before they plan, image or read."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date

from django.db import transaction

from ris import audit
from ris.accounts.days import newest_day
from ris.core.actors import Actor
from ris.core.errors import InvalidInput, TransitionError
from ris.core.texts import faults_of_texts
from ris.events import emit
from ris.patients import permissions
from ris.patients.models import Patient, PatientAlert


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertData:
    """`kind` is one of PatientAlert.KINDS; `source` says who or what knows it."""

    kind: str
    text: str
    noted_on: date
    source: str = ""


@transaction.atomic
def add_alert(patient: Patient, data: AlertData, *, by: Actor) -> PatientAlert:
    """Raises NotPermitted, and InvalidInput with the field at fault."""
    permissions.require_edit(by, patient)
    values = {name: value.strip() if isinstance(value, str) else value for name, value in asdict(data).items()}
    faults = faults_of_texts(PatientAlert, values)
    if data.kind not in dict(PatientAlert.KINDS):
        faults["kind"] = "There is no such kind of alert."
    if not values["text"]:
        faults["text"] = "Say what it is, for example the substance and what it did."
    if data.noted_on > newest_day():
        faults["noted_on"] = "This day is in the future."
    if faults:
        raise InvalidInput("Some fields cannot be used.", fields=faults)
    alert = PatientAlert.objects.create(patient=patient.current, **values)
    audit.record("patient.alert-added", alert, by=by, patient=patient, kind=data.kind)
    emit("patient.updated", patient.current, by=by)
    return alert


@transaction.atomic
def end_alert(alert: PatientAlert, *, reason: str, by: Actor) -> PatientAlert:
    """It holds no longer; it stays in the file with the reason in the audit trail."""
    permissions.require_edit(by, alert.patient)
    if not reason.strip():
        raise InvalidInput("A reason is needed.", fields={"reason": "Say why this holds no longer."})
    if PatientAlert.objects.filter(pk=alert.pk, active=True).update(active=False) != 1:
        raise TransitionError("This alert has been ended already.")
    alert.active = False
    audit.record("patient.alert-ended", alert, by=by, patient=alert.patient, reason=reason.strip()[:200])
    emit("patient.updated", alert.patient.current, by=by)
    return alert
