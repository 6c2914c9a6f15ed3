"""What of reporting the database guards by itself: made of `lifecycle.py` and the models, in `ris.core.guards`.

What is only ever added to (versions, signatures, files, who was told what) is guarded by `ris.audit.triggers`.
"""

from __future__ import annotations

from typing import Any, Final

from reporting.lifecycle import AMENDMENT, ARCHIVING, CLIP, CRITICAL, KEY, OBJECT, REPORT, TEMPLATE
from ris.core import guards
from ris.core.guards import Guard

GUARDS: Final = (
    # What waits for its release, and when what is told changed, stand beside the words, and move while they do not.
    Guard(
        "reporting.Report", REPORT, closed="over",
        free=("revision", "held_until", "held_number", "held_from", "issued_at", "changed_at"), born=("draft",),
    ),
    Guard(
        "reporting.Publication", ARCHIVING, fixed=("version", "sop_instance_uid", "series_instance_uid"),
        closed="settled", kept=True, born=("pending",),
    ),
    # A recall counts the revision up as it opens the draft again.
    Guard(
        "reporting.Amendment", AMENDMENT, fixed=("report", "kind"), closed="signed", free=("revision",),
        born=("draft",),
    ),
    Guard(
        "reporting.CriticalFinding", CRITICAL, closed="none", kept=True,
        fixed=("task", "site", "category", "finding", "recipient", "reach", "flagged_by", "flagged_at"),
        born=("open",),
    ),
    Guard("reporting.StoredObject", OBJECT),
    Guard("reporting.ReportTemplate", TEMPLATE),
    Guard("reporting.SigningKey", KEY),
    Guard("reporting.Clip", CLIP),
)  # fmt: skip


def step_aside(**signal: Any) -> None:
    guards.before_migrating(GUARDS, **signal)


def stand(**signal: Any) -> None:
    guards.after_migrating(GUARDS, **signal)
