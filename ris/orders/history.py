"""What happened to an order, in words: who, when, what changed. Read from the audit trail, which cannot be bent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ris.audit.models import AuditEvent
from ris.orders.models import Order
from ris.orders.safety import EFFECTS, KINDS

TITLES = {
    "order.placed": "Placed",
    "order.modified": "Changed",
    "order.cancelled": "Cancelled",
    "order.replaced": "Replaced",
    "order.replaces": "Takes the place of another order",
    "order.discontinued": "Discontinued",
    "order.answered": "Safety question answered",
    "order.overridden": "Hard stop overridden",
    "order.begun-despite-stop": "Begun at the device despite a hard stop",
    "order.protocol-approved": "Protocol approved",
    "order.protocol-returned": "Sent back by the radiologist",
    "order.protocol-asked-again": "Handed to the radiologist again",
    "order.attached": "Paper added",
    "order.paper-withdrawn": "Paper withdrawn",
}
LABELS = {
    "priority": "Priority",
    "reason": "Reason",
    "clinical_question": "Question",
    "referrer_name": "Referring physician",
    "patient_class": "Patient class",
    "visit_number": "Visit",
    "visit_issuer": "Whose visit number",
    "wanted_from": "Wanted from",
    "procedures": "Procedures",
    "procedure": "Procedure",
    "new": "New order",
    "old": "Old order",
    "text": "Protocol",
    "name": "File",
    "source": "Says",
    "stops": "Hard stops",
}
MOST = 200


@dataclass(frozen=True, slots=True)
class Entry:
    """One act: its title, who did it when, and a line per detail."""

    title: str
    who: str
    at: datetime
    lines: list[str]


def history_of(order: Order) -> list[Entry]:
    """The newest acts first, at most 200; looking at the order is no act of its history."""
    rows = AuditEvent.objects.filter(
        target_kind=order._meta.label_lower, target_id=str(order.pk), action__in=TITLES, outcome="success"
    )
    return [Entry(TITLES[row.action], row.actor_display, row.at, _lines(row.detail)) for row in rows[:MOST]]


def _lines(detail: Mapping[str, Any]) -> list[str]:
    lines = [
        f"{LABELS[name]}: {old or 'not given'} → {new or 'not given'}"
        for name, (old, new) in detail.get("changed", {}).items()
    ]
    if detail.get("kind") in KINDS:
        effect = dict(EFFECTS).get(detail.get("effect", "none"), "")
        lines.append(f"{KINDS[detail['kind']].told(detail['value'])}{f' ({effect})' if 'effect' in detail else ''}")
    return lines + [f"{LABELS[name]}: {_text(detail[name])}" for name in LABELS if detail.get(name)]


def _text(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
