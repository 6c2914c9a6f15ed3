"""Which kinds of ris/events/kinds.py others can be told: what happens to people, not how we work inside."""

from __future__ import annotations

from typing import Final

OFFERED: Final = (
    "patient.registered", "patient.updated", "patient.identified", "patient.merged", "patient.unmerged",
    "order.placed", "order.modified", "order.cancelled", "order.replaced", "order.discontinued",
    "appointment.booked", "appointment.moved", "appointment.cancelled", "appointment.arrived", "appointment.missed",
    "appointment.restored",
    "step.started", "step.completed", "step.discontinued", "step.put-back", "step.reopened",
    "study.linked", "study.unlinked", "study.blocked",
    "critical.flagged", "critical.told", "critical.withdrawn", "critical.escalated",
    "report.signed", "report.archived", "report.addended", "report.corrected", "report.withdrawn",
)  # fmt: skip
EVERYTHING: Final = "*"
