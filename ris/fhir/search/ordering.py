"""In which order a search answers, and where its next page begins: always behind the last row that was told."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from django.db.models import DateTimeField, Q, QuerySet, Value
from django.db.models.functions import Coalesce

from ris.fhir.search.parameters import Moment, Parameter
from ris.fhir.search.values import LARGEST_ID, Wrong

# What has no moment stands before all that have one.
EARLIEST: Final = datetime(1970, 1, 1, tzinfo=UTC)
# As many microseconds as are before the year 9999.
CURSOR: Final = re.compile(r"(?P<key>[0-9]{1,19})(\.(?P<moment>[0-9]{1,17}))?")


@dataclass(frozen=True, slots=True)
class Ordering:
    """By the first of `columns` that is filled, then by the id; by the id alone where there are none."""

    columns: tuple[str, ...] = ()
    descending: bool = True

    def page(self, rows: QuerySet[Any], cursor: str) -> QuerySet[Any]:
        """The rows in order, behind the cursor. Raises Wrong for a cursor of another order."""
        sign, way = ("-", "lt") if self.descending else ("", "gt")
        key, moment = self._read(cursor)
        behind = Q(**{f"pk__{way}": key})
        if not self.columns:
            rows = rows.order_by(f"{sign}pk")
            return rows.filter(behind) if cursor else rows
        first = Coalesce(*self.columns, Value(EARLIEST), output_field=DateTimeField())
        rows = rows.annotate(sorted_by=first).order_by(f"{sign}sorted_by", f"{sign}pk")
        further = Q(**{f"sorted_by__{way}": moment}) | Q(sorted_by=moment) & behind
        return rows.filter(further) if cursor else rows

    def cursor(self, row: Any) -> str:
        """What stands in the link to the page behind this row."""
        if not self.columns:
            return str(row.pk)
        return f"{row.pk}.{(row.sorted_by - EARLIEST) // timedelta(microseconds=1)}"

    def _read(self, cursor: str) -> tuple[int, datetime]:
        found = CURSOR.fullmatch(cursor or "0.0" if self.columns else cursor or "0")
        if found is None or bool(self.columns) != bool(found["moment"]) or int(found["key"]) > LARGEST_ID:
            raise Wrong("_cursor", "Follow the link to the next page instead.")
        return int(found["key"]), EARLIEST + timedelta(microseconds=int(found["moment"] or 0))


NEWEST: Final = Ordering()


def ordering_of(parameters: tuple[Parameter, ...], usual: str, text: str) -> Ordering:
    """What `_sort` asks for; `usual` is the order of the type itself. Raises Wrong."""
    ways = {"_id": Ordering(descending=False), "-_id": NEWEST} if usual == "-_id" else {}
    ways |= {
        f"{sign}{one.name}": Ordering(one.sorts, descending=sign == "-")
        for one in parameters
        if isinstance(one, Moment) and one.sorts
        for sign in ("", "-")
    }
    ways[usual] = NEWEST
    if text not in ways:
        raise Wrong("_sort", f"This type is sorted by one of {', '.join(sorted(ways))}.")
    return ways[text]
