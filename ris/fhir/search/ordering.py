"""In which order a search answers, and where its next page begins: always behind the last row that was told."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import reduce
from operator import or_
from typing import Any, Final

from django.db.models import DateTimeField, F, Model, Q, QuerySet, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce

from ris.fhir.search.parameters import Moment, Parameter, Text
from ris.fhir.search.values import LARGEST_ID, Wrong

# What has no moment stands before all that have one.
EARLIEST: Final = datetime(1970, 1, 1, tzinfo=UTC)
# As many microseconds as are before the year 9999.
FOLLOW: Final = "Follow the link to the next page instead."
CURSOR: Final = re.compile(r"(?P<key>[0-9]{1,19})(\.(?P<moment>[0-9]{1,17}))?")


@dataclass(frozen=True, slots=True)
class Ordering:
    """By the first of `columns` that is filled, then by the id; by the id alone where there are none."""

    columns: tuple[str, ...] = ()
    descending: bool = True

    def page(self, rows: QuerySet[Any], cursor: str) -> QuerySet[Any]:
        """The rows in order, behind the cursor. Raises Wrong for a cursor of another order."""
        sign, way = ("-", "lt") if self.descending else ("", "gt")
        key, moment = read_cursor(cursor, with_moment=bool(self.columns))
        behind = Q(**{f"pk__{way}": key})
        if not self.columns:
            rows = rows.order_by(f"{sign}pk")
            return rows.filter(behind) if cursor else rows
        rows = rows.annotate(sorted_by=self._first(rows.model)).order_by(f"{sign}sorted_by", f"{sign}pk")
        further = Q(**{f"sorted_by__{way}": moment}) | Q(sorted_by=moment) & behind
        return rows.filter(further) if cursor else rows

    def _first(self, model: type[Model]) -> Combinable:
        """A column that is always filled is read by its index."""
        if len(self.columns) == 1 and _is_always_there(model, self.columns[0]):
            return F(self.columns[0])
        return Coalesce(*self.columns, Value(EARLIEST), output_field=DateTimeField())

    def cursor(self, row: Any) -> str:
        """What stands in the link to the page behind this row."""
        if not self.columns:
            return str(row.pk)
        return f"{row.pk}.{(row.sorted_by - EARLIEST) // timedelta(microseconds=1)}"


def read_cursor(cursor: str, *, with_moment: bool) -> tuple[int, datetime]:
    """(id, moment) of the last row that was told. Raises Wrong for a cursor of another order."""
    found = CURSOR.fullmatch(cursor or ("0.0" if with_moment else "0"))
    if found is None or with_moment != bool(found["moment"]) or int(found["key"]) > LARGEST_ID:
        raise Wrong("_cursor", FOLLOW)
    return int(found["key"]), EARLIEST + timedelta(microseconds=int(found["moment"] or 0))


@dataclass(frozen=True, slots=True)
class ByText(Ordering):
    """By columns of text, then by the id. The cursor is the id alone: no address has a name in it."""

    def page(self, rows: QuerySet[Any], cursor: str) -> QuerySet[Any]:
        sign, way = ("-", "lt") if self.descending else ("", "gt")
        rows = rows.order_by(*(f"{sign}{column}" for column in self.columns), f"{sign}pk")
        if not cursor:
            return rows
        key, _moment = read_cursor(cursor, with_moment=False)
        last = rows.model._default_manager.filter(pk=key).values(*self.columns, "pk").first()
        if last is None:
            raise Wrong("_cursor", FOLLOW)
        return rows.filter(_behind(last, way))

    def cursor(self, row: Any) -> str:
        return str(row.pk)


def _behind(last: dict[str, object], way: str) -> Q:
    """What comes behind these values: the first differs, or it is the same and the next one differs, and so on."""
    names = list(last)
    same = [Q(**{name: last[name] for name in names[:place]}) for place in range(len(names))]
    return reduce(or_, (before & Q(**{f"{name}__{way}": last[name]}) for before, name in zip(same, names, strict=True)))


def _is_always_there(model: type[Model], path: str) -> bool:
    for name in path.split("__"):
        found = model._meta.get_field(name)
        if found.null:
            return False
        model = found.related_model or model
    return True


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
    ways |= {
        f"{sign}{one.name}": ByText(one.sorts, descending=sign == "-")
        for one in parameters
        if isinstance(one, Text) and one.sorts
        for sign in ("", "-")
    }
    ways[usual] = NEWEST
    if text not in ways:
        raise Wrong("_sort", f"This type is sorted by one of {', '.join(sorted(ways))}.")
    return ways[text]
