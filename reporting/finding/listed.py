"""Looking at what a report says is on record, also where a list quotes it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction

from ris import audit
from ris.core.actors import Actor

LISTED, QUOTED = "report.listed", "quoted"


@transaction.atomic
def note_listed(rows: Iterable[Mapping[str, Any]], *, by: Actor) -> None:
    """A row of the audit trail for each report that a list shows; `rows` are those of `reporting.finding.showing`.

    `quoted`: the sentence was what was looked for, and not the beginning of the next report of a list.
    """
    for row in rows:
        report = row["report"]
        about = {"version": row["version"].number, QUOTED: row["sought"]}
        audit.record(LISTED, report, by=by, patient=report.task.patient_id, **about)
