"""What stands behind a search parameter (R4 §3.1.1.4), read without guessing. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final

DATE: Final = re.compile(
    r"(?P<prefix>[a-z]{2})?(?P<year>\d{4})(-(?P<month>\d\d)(-(?P<day>\d\d)"
    r"(T(?P<hour>\d\d):(?P<minute>\d\d)(:(?P<second>\d\d)(\.\d+)?)?(?P<zone>Z|[+-]\d\d:\d\d)?)?)?)?"
)
PREFIXES: Final = frozenset({"eq", "ne", "gt", "lt", "ge", "le", "sa", "eb"})
SEPARATOR: Final = re.compile(r"(?<!\\),")
DAY: Final = timedelta(days=1)
LARGEST_ID: Final = 2**63 - 1


class Wrong(Exception):
    """A search that cannot be understood: which parameter, and why."""

    def __init__(self, name: str, words: str) -> None:
        super().__init__(f"{name}: {words}")
        self.name, self.words = name, words


@dataclass(frozen=True, slots=True)
class Span:
    """What a date of some precision covers: from `low`, up to but without `high`."""

    prefix: str
    low: datetime
    high: datetime


def alternatives(text: str) -> list[str]:
    """Divided by commas: any of them; a comma behind a backslash is a comma."""
    return [part.replace("\\,", ",").strip() for part in SEPARATOR.split(text)]


def span(name: str, text: str, zone: tzinfo) -> Span:
    """A date or an instant with its prefix; one that names no zone is on the clock of `zone`. Raises Wrong."""
    found = DATE.fullmatch(text)
    if found is None or (found["prefix"] or "eq") not in PREFIXES:
        raise Wrong(name, f"{text[:40]!r} is no date as ge2027-03-05 or lt2027-03-05T10:00:00+01:00.")
    parts = {key: int(value) for key, value in found.groupdict().items() if value and key not in ("prefix", "zone")}
    here = _zone(found["zone"].replace("Z", "+00:00")) if found["zone"] else zone
    try:
        low = datetime(parts["year"], parts.get("month", 1), parts.get("day", 1), *_clock(parts), tzinfo=here)
        asked = Span(found["prefix"] or "eq", low, _end(low, parts))
        asked.low.astimezone(UTC) - DAY, asked.high.astimezone(UTC) + DAY  # it is told on other clocks, too
        return asked
    except (ValueError, OverflowError):
        raise Wrong(name, f"{text[:40]!r} is in no calendar.") from None


def _clock(parts: dict[str, int]) -> tuple[int, int, int]:
    return parts.get("hour", 0), parts.get("minute", 0), parts.get("second", 0)


def _zone(text: str) -> tzinfo:
    return datetime.strptime(text, "%z").tzinfo or UTC


def _end(low: datetime, parts: dict[str, int]) -> datetime:
    """The first instant after all that the date covers."""
    if "month" not in parts:
        return low.replace(year=low.year + 1)
    if "day" not in parts:
        return low.replace(year=low.year + low.month // 12, month=low.month % 12 + 1)
    steps = {"second": timedelta(seconds=1), "minute": timedelta(minutes=1)}
    return low + next((step for part, step in steps.items() if part in parts), timedelta(days=1))


def id_of(name: str, text: str, targets: tuple[str, ...], base: str) -> str:
    """The id in `12`, `Patient/12` or the whole address, whatever it looks like. Raises Wrong for another type."""
    kind, _, key = text.removeprefix(f"{base}/").rpartition("/")
    if kind and kind not in targets:
        raise Wrong(name, f"A reference to {' or '.join(targets)} of this server is expected.")
    return key


def key_of(name: str, text: str, targets: tuple[str, ...], base: str) -> int:
    """The id in a reference, where ids are numbers. Raises Wrong for anything else, and for another type."""
    key = id_of(name, text, targets, base)
    if not (key.isascii() and key.isdigit()) or not 0 < int(key[:20]) <= LARGEST_ID:
        raise Wrong(name, f"A reference as {targets[0]}/12 is expected.")
    return int(key)


def token(text: str) -> tuple[str | None, str]:
    """(system, code): `system|code`, `|code` for no system at all, `code` for any (None)."""
    system, bar, code = text.rpartition("|")
    return (system if bar else None), code
