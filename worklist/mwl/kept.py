"""Offers kept in memory under the keys by which devices ask. Pure: no Django, no socket.

What a query selects by is looked up, never scanned for: accession number, patient number, name prefix, and per device
the days. `candidates` may name too many and never too few; `match` decides.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections import defaultdict
from collections.abc import Hashable, Iterator
from typing import Final, Generic, Protocol, TypeVar

from worklist.mwl.criteria import AnyOf, Criterion, PersonName, Span, name_groups
from worklist.mwl.entry import WorklistEntry
from worklist.mwl.query import MwlQuery

WILD: Final = frozenset("*?")
LAST: Final = "\U0010ffff"


class Listed(Protocol):
    """What is kept: a step, its entry, and the devices that see it."""

    @property
    def step_pk(self) -> int: ...
    @property
    def entry(self) -> WorklistEntry: ...
    @property
    def device_pks(self) -> tuple[int, ...]: ...
    @property
    def made_of(self) -> list[tuple[str, int]]: ...


L = TypeVar("L", bound=Listed)


class Shelf(Generic[L]):
    """Each item once, found by step, by device and day, by number and by name."""

    def __init__(self) -> None:
        self.items: dict[int, L] = {}
        self._days: dict[int, list[tuple[str, int]]] = defaultdict(list)
        self._names: list[tuple[str, int]] = []
        self._numbers: dict[Hashable, set[int]] = defaultdict(set)

    def put(self, item: L) -> None:
        """Add it, in place of what was kept of the same step."""
        self.drop(item.step_pk)
        self.items[item.step_pk] = item
        for device in item.device_pks:
            insort(self._days[device], (item.entry.steps[0].moment, item.step_pk))
        for name in _names(item.entry):
            insort(self._names, (name, item.step_pk))
        for number in _numbers(item):
            self._numbers[number].add(item.step_pk)

    def drop(self, step_pk: int) -> None:
        item = self.items.pop(step_pk, None)
        if item is None:
            return
        for device in item.device_pks:
            _remove(self._days[device], (item.entry.steps[0].moment, step_pk))
        for name in _names(item.entry):
            _remove(self._names, (name, step_pk))
        for number in _numbers(item):
            self._numbers[number].discard(step_pk)
            if not self._numbers[number]:
                del self._numbers[number]

    def made_of(self, part: tuple[str, int]) -> set[int]:
        """The steps whose entry was made of this row: ("order", 5)."""
        return self._numbers.get(part, set())

    def candidates(self, device_pk: int, query: MwlQuery, days: Span) -> list[L]:
        """What the device sees in these days and may answer the query, earliest first."""
        wanted = self._asked_for(query)
        if wanted is None:
            rows = self._days.get(device_pk, [])
            first = bisect_left(rows, (days.low,))
            last = bisect_right(rows, (days.high + LAST,)) if days.high else len(rows)
            return [self.items[pk] for _, pk in rows[first:last]]
        found = [self.items[pk] for pk in wanted if device_pk in self.items[pk].device_pks]
        in_days = [item for item in found if days.holds(item.entry.steps[0].start_date)]
        return sorted(in_days, key=lambda item: (item.entry.steps[0].moment, item.step_pk))

    def _asked_for(self, query: MwlQuery) -> set[int] | None:
        """The steps that the most selective key names; None when no key is one of those by which things are kept."""
        asked = {key.attribute.keyword: key.criterion for key in query.keys if key.criterion is not None}
        for keyword in ("AccessionNumber", "StudyInstanceUID", "RequestedProcedureID", "PatientID"):
            criterion = asked.get(keyword)
            if isinstance(criterion, AnyOf):
                return set().union(*(self._numbers.get((keyword, value), set()) for value in criterion.values))
        return self._named(asked.get("PatientName"))

    def _named(self, criterion: Criterion | None) -> set[int] | None:
        """By the letters before the first wildcard of a name that is asked in one group."""
        if not isinstance(criterion, PersonName) or len(criterion.groups) != 1:
            return None
        prefix = criterion.groups[0]
        prefix = prefix[: min((prefix.index(sign) for sign in WILD if sign in prefix), default=len(prefix))]
        if not prefix:
            return None
        first, last = bisect_left(self._names, (prefix,)), bisect_right(self._names, (prefix + LAST,))
        return {pk for _, pk in self._names[first:last]}


def _numbers(item: Listed) -> Iterator[Hashable]:
    yield from item.made_of
    yield "AccessionNumber", item.entry.accession_number
    yield "StudyInstanceUID", item.entry.study_instance_uid
    yield "RequestedProcedureID", item.entry.requested_procedure_id
    yield "PatientID", item.entry.patient_id


def _names(entry: WorklistEntry) -> list[str]:
    return [group for group in name_groups(entry.patient_name) if group]


def _remove(rows: list[tuple[str, int]], row: tuple[str, int]) -> None:
    at = bisect_left(rows, row)
    if at < len(rows) and rows[at] == row:
        del rows[at]
