"""Looking at what a report says is on record, also where a list quotes it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction

from ris import audit
from ris.core.actors import Actor


@transaction.atomic
def note_listed(rows: Iterable[Mapping[str, Any]], *, by: Actor) -> None:
    """A row of the audit trail for each report that a list shows sentences of; `rows` have it as "report"."""
    for row in rows:
        report = row["report"]
        audit.record("report.listed", report, by=by, patient=report.task.patient_id)
