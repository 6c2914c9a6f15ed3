"""The directory of those who send patients: searched while typing."""

from __future__ import annotations

from django.db.models import QuerySet

from ris.orders.models import Referrer
from ris.patients.names import folded

OFFERED = 12


def directory() -> QuerySet[Referrer]:
    """Those of whom an order may be."""
    return Referrer.objects.filter(active=True)


def search(text: str) -> list[Referrer]:
    """Active referrers of whom every word stands in name, title or organisation; accents and case aside."""
    words = text.replace(",", " ").replace("(", " ").replace(")", " ").split()[:6]
    if not words:
        return []
    rows = directory()
    for word in words:
        rows = rows.filter(search_key__contains=folded(word))
    return list(rows[:OFFERED])


def from_label(text: str) -> Referrer | None:
    """The one whose label was chosen, as it was offered."""
    family = text.split(",", maxsplit=1)[0].split(" (", maxsplit=1)[0].strip()
    return next((row for row in directory().filter(family_name=family) if row.label == text), None)


def typed_name(text: str) -> str:
    """A free "Family, Given" as a PN: Family^Given."""
    family, _, given = text.partition(",")
    return f"{family.strip()}^{given.strip()}".rstrip("^")
