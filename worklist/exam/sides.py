"""Which side of the body a text names, and whether images and order name the same. Pure: values in, sides out.

In doubt a text names none: an alarm that is mostly wrong is not read any more. Words are in `side_words`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from worklist.exam.side_words import (
    BOTH,
    BREAST_VIEWS,
    ENDS,
    JOINTS,
    LEFT,
    NEUTRAL,
    NO_SIDE_BEFORE,
    NUMBERED,
    OBLIQUES,
    ORGANS,
    PAIRED,
    PLAIN,
    POSTURES,
    RIGHT,
    SHORT,
    VIEWS,
)

# (0020,0060) has R and L, (0020,0062) also B and U for unpaired.
CODED = {"R": RIGHT, "L": LEFT, "B": BOTH}
TOKEN = re.compile(r"[a-z0-9]+|[/+&\-:>]")
JOINED_CODE = re.compile(r"([rl])([a-z]+)")
LUMBAR = frozenset("12345")
INITIALS = {"r": RIGHT, "l": LEFT}


@dataclass(frozen=True, slots=True)
class Evidence:
    """A side that the images name: where it stands, the words, and the series' number."""

    side: str
    where: str
    text: str
    series: int | None = None


@dataclass(frozen=True, slots=True)
class Comparison:
    """`verdict`: silent (the images name no side), agrees, partial (one of both), differs."""

    verdict: str
    found: str
    against: tuple[Evidence, ...] = ()


def sides_of(text: str, *, part: str = "") -> frozenset[str]:
    """The sides that a description names: a subset of R, L, B. `part` is what else tells the part of the body."""
    words = _tokens(text)
    if POSTURES & set(words):
        return frozenset()
    tongues = _tongues({*words, *_tokens(part)})
    short = _short_forms(tongues)
    named = {at: side for at in range(len(words)) if (side := _side_at(words, at, short, paired=bool(tongues)))}
    return frozenset(_joined(words, named)) | _codes(words)


def sides_of_code(value: str) -> frozenset[str]:
    """The side of a coded laterality; nothing for U and for what the standard does not know."""
    side = CODED.get(value.strip().upper())
    return frozenset({side}) if side else frozenset()


def compare(ordered: str, evidence: Iterable[Evidence]) -> Comparison:
    """Hold the ordered side (R, L, B) against what the images name.

    Both sides where one was ordered include it, as a view of both knees does: that agrees.
    """
    found = tuple(evidence)
    sides = {item.side for item in found}
    if not ordered or not sides:
        return Comparison("silent", "")
    shown = next(iter(sides)) if len(sides) == 1 else BOTH
    if ordered == BOTH:
        return Comparison("agrees" if shown == BOTH else "partial", shown)
    against = tuple(item for item in found if item.side not in {ordered, BOTH})
    return Comparison("differs" if against else "agrees", shown, against)


def _tokens(text: str) -> list[str]:
    plain = unicodedata.normalize("NFKD", text.casefold().replace("œ", "oe"))
    return TOKEN.findall("".join(letter for letter in plain if not unicodedata.combining(letter)))


def _tongues(words: set[str]) -> list[str]:
    """The languages in which the text names a part of which there are two; Latin words are not French or Spanish."""
    parts = words | {match[2] for word in words if (match := JOINED_CODE.fullmatch(word))}
    shared = PAIRED["en"] | PAIRED["de"]
    return [tongue for tongue, known in PAIRED.items() if parts & (known if tongue in NEUTRAL else known - shared)]


def _short_forms(tongues: list[str]) -> dict[str, str]:
    if not tongues:
        return {}
    known = dict(SHORT[""])
    for tongue in {*tongues, *(NEUTRAL if {*NEUTRAL} & {*tongues} else ())}:
        known |= SHORT[tongue]
    return known


def _side_at(words: list[str], at: int, short: dict[str, str], *, paired: bool) -> str:
    """The side that the word at this place names, or an empty string."""
    word = words[at]
    if word not in PLAIN and (word not in short or _is_no_short_form(words, at, short)):
        return ""
    return "" if _is_of_something_else(words, at, paired=paired) else PLAIN.get(word) or short[word]


def _is_no_short_form(words: list[str], at: int, short: dict[str, str]) -> bool:
    """L 5, L-spine, re: and R>L are no sides; nor are the ends of a direction, R-L."""
    before, earlier = [*reversed(words[max(at - 2, 0) : at]), "", ""][:2]
    after, later = [*words[at + 1 : at + 3], "", ""][:2]
    if (words[at] == "l" and after in LUMBAR) or {before, after} & {":", ">"} or before in NUMBERED:
        return True
    if (before == "-" and earlier in short) or (after == "-" and later in short):
        return True
    return (later if after == "-" else after) in NO_SIDE_BEFORE


def _is_of_something_else(words: list[str], at: int, *, paired: bool) -> bool:
    beside = {*words[max(at - 1, 0) : at], *words[at + 1 : at + 2]}
    near = {*words[max(at - 2, 0) : at], *words[at + 1 : at + 3]}
    if beside & ORGANS or (near & ENDS and near & OBLIQUES):
        return True
    return not paired and bool(beside & VIEWS)


def _joined(words: list[str], named: dict[int, str]) -> set[str]:
    """Right and left with a joint between them are both; other sides stand as they are."""
    found = dict(named)
    for at, side in named.items():
        other = named.get(at + 2)
        if other and other != side and words[at + 1] in JOINTS:
            found[at] = found[at + 2] = BOTH
    return set(found.values())


def _codes(words: list[str]) -> frozenset[str]:
    """RCC, L-MLO, LKNEE: a side grown together with a view of the breast or with a part."""
    found = set()
    for at, word in enumerate(words):
        match = JOINED_CODE.fullmatch(word)
        if match and (match[2] in BREAST_VIEWS or match[2] in PAIRED["en"]):
            found.add(INITIALS[match[1]])
        if word in INITIALS and _tail(words, at) in BREAST_VIEWS:
            found.add(INITIALS[word])
    return frozenset(found)


def _tail(words: list[str], at: int) -> str:
    """The word after this one, over a hyphen."""
    rest = [word for word in words[at + 1 : at + 3] if word != "-"]
    return rest[0] if rest else ""
