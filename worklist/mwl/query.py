"""A C-FIND identifier as a frozen query, and whether an entry answers it (PS3.4 K.4.1.1.3, C.2.2.2).

Pure: no Django, no socket. `parse` refuses what the standard does not allow with IdentifierError (0xA900).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset
from pydicom.multival import MultiValue
from pydicom.tag import BaseTag

from worklist.mwl.attributes import ATTRIBUTES, NOT_KEYS, STEP_SEQUENCE, Attribute
from worklist.mwl.criteria import AnyOf, Criterion, Like, Number, PersonName, Span, name_groups
from worklist.mwl.entry import WorklistEntry
from worklist.mwl.moments import combined, date_span, time_span

LONGEST_VALUE: Final = 1024
MOST_VALUES: Final = 256
PERIOD_KEYWORDS: Final = ("ScheduledProcedureStepStartDate", "ScheduledProcedureStepStartTime")
GB2312_ESCAPE: Final = "\x1b$)A"  # pydicom leaves it in the text that it decodes
LIST_VRS: Final = frozenset({"AE", "CS", "UI"})


class IdentifierError(ValueError):
    """The identifier cannot be a worklist query; `tag` is the offending element. Never names a value."""

    def __init__(self, message: str, tag: BaseTag | None = None) -> None:
        super().__init__(message)
        self.tag = tag


@dataclass(frozen=True, slots=True)
class Key:
    """One key asked for: its criterion (None is universal matching) and, of a sequence, its own keys.

    `everything` is a sequence asked without saying which of its attributes: all are returned.
    """

    attribute: Attribute
    criterion: Criterion | None = None
    keys: tuple[Key, ...] = ()
    everything: bool = False

    @property
    def asks(self) -> bool:
        return self.criterion is not None or any(key.asks for key in self.keys)


@dataclass(frozen=True, slots=True)
class MwlQuery:
    """What a device asks. `period` is set when dates and times are both ranges and count as one."""

    keys: tuple[Key, ...]
    unsupported: tuple[BaseTag, ...] = ()
    days: Span | None = None
    period: Span | None = None
    charset: tuple[str, ...] = ()
    selecting: tuple[Key, ...] = ()
    """Those of `keys` that select; set by `parse`."""

    @property
    def fully_supported(self) -> bool:
        """False calls for pending status 0xFF01 instead of 0xFF00 (PS3.4 Table K.4-1)."""
        return not self.unsupported

    @property
    def asked(self) -> tuple[str, ...]:
        """The keywords of the keys that select, for the audit: never their values."""
        leaves = {key.attribute.keyword for key in _leaves(self.keys) if key.criterion is not None}
        return tuple(sorted(leaves | (set(PERIOD_KEYWORDS) if self.period else set())))


def _leaves(keys: Iterable[Key]) -> Iterator[Key]:
    for key in keys:
        yield key
        yield from _leaves(key.keys)


def parse(identifier: Dataset) -> MwlQuery:
    """The query in an identifier. Raises IdentifierError for one that is empty, malformed or not of this model."""
    elements = [element for element in _read(identifier) if element.tag not in NOT_KEYS]
    if not elements:
        raise IdentifierError("the identifier asks for nothing")
    keys, unsupported = _keys(elements, ATTRIBUTES)
    query = MwlQuery(keys, unsupported, charset=_charset(identifier))
    query = _with_period(query)
    return replace(query, selecting=tuple(_selecting(key) for key in query.keys if key.asks))


def match(entry: WorklistEntry, query: MwlQuery) -> bool:
    """Whether the entry answers every key of the query."""
    if query.period is not None and not any(query.period.holds(step.moment) for step in entry.steps):
        return False
    return all(_holds(entry, key) for key in query.selecting)


def _selecting(key: Key) -> Key:
    return replace(key, keys=tuple(_selecting(inner) for inner in key.keys if inner.asks))


def _read(dataset: Dataset) -> list[DataElement]:
    """The elements, converted one by one, since pydicom converts late and raises whatever its reader raises."""
    found = []
    for tag in sorted(dataset.keys()):
        if tag.element == 0 or tag.is_private:
            continue
        try:
            found.append(dataset[tag])
        except Exception as error:  # noqa: BLE001  a peer's bytes: any failure to read them is one bad identifier
            raise IdentifierError(f"unreadable element ({type(error).__name__})", tag) from None
    return found


def _keys(
    elements: Iterable[DataElement], supported: Iterable[Attribute]
) -> tuple[tuple[Key, ...], tuple[BaseTag, ...]]:
    known = {attribute.tag: attribute for attribute in supported}
    keys: list[Key] = []
    unsupported: list[BaseTag] = []
    for element in elements:
        attribute = known.get(element.tag)
        if attribute is None or not attribute.supported:
            unsupported.append(element.tag)
        elif attribute.vr != element.VR:
            raise IdentifierError(f"value representation {element.VR} instead of {attribute.vr}", element.tag)
        elif attribute.items:
            key, beyond = _sequence(element, attribute)
            keys.append(key)
            unsupported.extend(beyond)
        else:
            keys.append(Key(attribute, _criterion(element)))
    return tuple(keys), tuple(unsupported)


def _sequence(element: DataElement, attribute: Attribute) -> tuple[Key, tuple[BaseTag, ...]]:
    """A sequence key has no item, an empty one, or one item of keys (PS3.4 C.2.2.2.6)."""
    items = list(element.value or ())
    if len(items) > 1:
        raise IdentifierError("a sequence key has one item", element.tag)
    inner = _read(items[0]) if items else []
    if not inner:
        return Key(attribute, keys=_all_of(attribute), everything=True), ()
    keys, unsupported = _keys(inner, attribute.items)
    return Key(attribute, keys=keys), unsupported


def _all_of(attribute: Attribute) -> tuple[Key, ...]:
    held = sorted((item for item in attribute.items if item.supported), key=lambda item: item.tag)
    return tuple(Key(item, keys=_all_of(item), everything=bool(item.items)) for item in held)


def every_key() -> tuple[Key, ...]:
    """All that we hold, as if it had been asked for: the whole entry."""
    held = sorted((row for row in ATTRIBUTES if row.supported), key=lambda row: row.tag)
    return tuple(Key(row, keys=_all_of(row), everything=bool(row.items)) for row in held)


def _criterion(element: DataElement) -> Criterion | None:
    values = _values(element)
    if not any(values) or values == ("*",):
        return None
    if len(values) > 1 and element.VR not in LIST_VRS:
        raise IdentifierError("several values where one is allowed", element.tag)
    build = CRITERIA.get(element.VR, _text)
    try:
        return build(tuple(value for value in values if value))
    except ValueError:
        raise IdentifierError(f"not a {element.VR} value or range", element.tag) from None


def _values(element: DataElement) -> tuple[str, ...]:
    value: Any = element.value
    found = value if isinstance(value, MultiValue | list | tuple) else [value]
    texts = tuple("" if part is None else str(part).replace(GB2312_ESCAPE, "").strip(" \0") for part in found)
    if len(texts) > MOST_VALUES or any(len(text) > LONGEST_VALUE for text in texts):
        raise IdentifierError("a key value is too long", element.tag)
    return texts


def _text(values: tuple[str, ...]) -> Criterion:
    return Like(values) if any("*" in value or "?" in value for value in values) else AnyOf(values)


CRITERIA: Final[dict[str, Callable[[tuple[str, ...]], Criterion]]] = {
    "DA": lambda values: date_span(values[0]),
    "TM": lambda values: time_span(values[0]),
    "UI": AnyOf,
    "PN": lambda values: PersonName(name_groups(values[0])),
    "DS": lambda values: Number(float(values[0])),
    "US": lambda values: Number(float(values[0])),
}


def _charset(identifier: Dataset) -> tuple[str, ...]:
    value = identifier.get("SpecificCharacterSet") or ()
    return (value,) if isinstance(value, str) else tuple(str(part) for part in value)


def _with_period(query: MwlQuery) -> MwlQuery:
    """Take the days out for the index, and make one period of two ranges."""
    step = next((key for key in query.keys if key.attribute is STEP_SEQUENCE), None)
    if step is None:
        return query
    days, times = _span(step, "start_date"), _span(step, "start_time")
    if days is None or times is None or not (days.ranged and times.ranged):
        return replace(query, days=days)
    freed = replace(step, keys=tuple(_freed(key) for key in step.keys))
    keys = tuple(freed if key is step else key for key in query.keys)
    return replace(query, keys=keys, days=days, period=combined(days, times))


def _span(step: Key, source: str) -> Span | None:
    found = next((key.criterion for key in step.keys if key.attribute.source == source), None)
    return found if isinstance(found, Span) else None


def _freed(key: Key) -> Key:
    return replace(key, criterion=None) if isinstance(key.criterion, Span) else key


def _holds(item: object, key: Key) -> bool:
    value = getattr(item, key.attribute.source)
    if key.attribute.items:
        return any(all(_holds(inner, sub) for sub in key.keys) for inner in value)
    if key.criterion is None:
        return True
    return any(key.criterion.holds(part) for part in (value if isinstance(value, tuple) else (value,)))
