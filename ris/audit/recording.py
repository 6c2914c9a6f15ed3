"""Writing one audit row."""

from __future__ import annotations

from typing import Any

from django.db import models, transaction
from django.utils import timezone

from ris.audit.models import AuditEvent
from ris.audit.vocabulary import SECURITY_ALERT, code_of
from ris.core.actors import Actor
from ris.core.context import current


def write(
    action: str, target: models.Model | tuple[str, str], *, by: Actor, outcome: str, about: dict[str, Any]
) -> None:
    """Insert the row; the sealer chains it within five seconds."""
    row(action, target, by=by, outcome=outcome, about=about).save(force_insert=True)


def row(
    action: str, target: models.Model | tuple[str, str], *, by: Actor, outcome: str, about: dict[str, Any]
) -> AuditEvent:
    """The row, not yet inserted: for who writes many at once."""
    kind, key = identify(target)
    context = current.get()
    patient = about.pop("patient", None) or getattr(target, "patient_id", None)
    return AuditEvent(
        at=timezone.now(),
        action=action,
        event_code=(SECURITY_ALERT if outcome == "refused" else code_of(action))[0],
        outcome=outcome,
        actor_kind=by.kind,
        actor_id=str(by.id),
        actor_display=by.display[:160],
        site_id=about.pop("site_id", None) or getattr(target, "site_id", None),
        target_kind=kind,
        target_id=key[:128],
        patient_id=patient.pk if isinstance(patient, models.Model) else patient,
        study_uid=about.pop("study_uid", ""),
        request_id=context.request_id,
        source=context.source,
        detail={name: value for name, value in about.items() if value not in (None, "")},
    )


def write_apart(action: str, target: tuple[str, str], *, by: Actor, outcome: str, about: dict[str, Any]) -> None:
    """Insert the row in a transaction of its own: for a refusal, whose own transaction was rolled back."""
    with transaction.atomic():
        write(action, target, by=by, outcome=outcome, about=about)


def identify(target: models.Model | tuple[str, str]) -> tuple[str, str]:
    if isinstance(target, models.Model):
        return target._meta.label_lower, str(target.pk)
    return target
