"""The matching types of PS3.4 C.2.2.2: single value, wildcard, range, list, and names without case or accent.

A criterion is asked `holds(value)`. An unknown (empty) value fails every criterion (PS3.4 K.2.2.1.1.1); universal
matching is the absence of a criterion.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from itertools import zip_longest
from typing import Protocol

ACCENTS = frozenset(chr(code) for code in range(0x0300, 0x0370))


class Criterion(Protocol):
    def holds(self, value: str) -> bool: ...


def wildcard_match(pattern: str, text: str) -> bool:
    """`*` stands for any run of characters and `?` for one (PS3.4 C.2.2.2.4).

    Written without a regular expression: its time is bounded by the product of the lengths, whatever a peer sends.
    """
    at = place = resume = 0
    star = -1
    while place < len(text):
        if at < len(pattern) and pattern[at] == "*":
            star, resume = at, place
            at += 1
        elif at < len(pattern) and pattern[at] in ("?", text[place]):
            at += 1
            place += 1
        elif star >= 0:
            resume += 1
            at, place = star + 1, resume
        else:
            return False
    return not pattern[at:].strip("*")


@dataclass(frozen=True, slots=True)
class AnyOf:
    """Single value matching, or a list of values; case and accents count."""

    values: tuple[str, ...]

    def holds(self, value: str) -> bool:
        return value in self.values


@dataclass(frozen=True, slots=True)
class Like:
    """Wildcard matching; of several patterns one is enough."""

    patterns: tuple[str, ...]

    def holds(self, value: str) -> bool:
        return value != "" and any(wildcard_match(pattern, value) for pattern in self.patterns)


@dataclass(frozen=True, slots=True)
class Span:
    """Range matching, both ends included, over text that sorts as it counts; "" leaves an end open.

    `ranged` tells a written range from a single value, since only two ranges combine (Table K.6-1, start time).
    """

    low: str
    high: str
    ranged: bool = False

    def holds(self, value: str) -> bool:
        return value != "" and self.low <= value and (not self.high or value <= self.high)


@dataclass(frozen=True, slots=True)
class Number:
    """A number written in two ways is the same number (DS, IS, US)."""

    wanted: float

    def holds(self, value: str) -> bool:
        return value != "" and float(value) == self.wanted


@dataclass(frozen=True, slots=True)
class PersonName:
    """A name, insensitive to case and accent as PS3.4 C.2.2.2.1 allows.

    One component group is looked for in any group of the name (a device with a Latin keyboard asks for a name that
    is also written ideographically); several groups are each compared with their own.
    """

    groups: tuple[str, ...]

    def holds(self, value: str) -> bool:
        if not value:
            return False
        known = name_groups(value)
        if len(self.groups) == 1:
            return any(wildcard_match(self.groups[0], group) for group in known if group)
        pairs = zip_longest(self.groups, known, fillvalue="")
        return all(wildcard_match(wanted, group) for wanted, group in pairs if wanted)


def name_groups(value: str) -> tuple[str, ...]:
    """The component groups of a PN, folded: no case, no accents, no empty trailing components."""
    return tuple(_folded_group(group) for group in value.split("="))


def _folded_group(group: str) -> str:
    parts = [" ".join(folded(part).split()) for part in group.split("^")]
    return "^".join(parts).rstrip("^ ")


def folded(text: str) -> str:
    """Without case and without Latin, Greek and Cyrillic accents: Müller, MULLER and muller are one; ß is ss."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return unicodedata.normalize("NFC", "".join(letter for letter in plain if letter not in ACCENTS))
