"""Text that runs both ways: embedding levels of a paragraph, and the visual order of each of its lines.

UAX #9 for text without explicit direction controls, which a page drops. Levels belong to the paragraph and
only the reordering to the line, so that a number or bracket keeps its side when a line breaks beside it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from itertools import groupby
from typing import NamedTuple

from bidi.mirror import MIRRORED

from ris.core.typeset.fonts import turned

STRONG = frozenset({"L", "R", "AL"})
NUMBERS = frozenset({"EN", "AN"})
NEUTRAL = frozenset({"B", "S", "WS", "ON", "BN"})
CANONICAL = {"\u2329": "\u3008", "\u232a": "\u3009"}
MAX_OPEN = 63  # BD16
Piece = tuple[int, int]
ARABIC_DIGITS = "\u0660-\u066d\u06f0-\u06f9"
LETTERS = "\u0590-\u065f\u066e-\u06ef\u06fa-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff"
RIGHT = re.compile(f"[{LETTERS}](?:[ -/:-@{LETTERS}]*[{LETTERS}])?")
LEFT = re.compile(f"[^\\s -/:-@\u2000-\u206f\u20a0-\u21ff{ARABIC_DIGITS}][^{ARABIC_DIGITS}]*")


class Paragraph(NamedTuple):
    """Its text, and the embedding level of each character; level 1 of the whole means from the right."""

    text: str
    base: int
    levels: list[int]

    def line(self, start: int, end: int) -> str:
        """Characters `start` to `end` in the order in which they are drawn from the left."""
        levels = self._line_levels(start, end)
        return "".join(self._drawn(start + one, levels[one]) for one in _visual(levels))

    def pieces(self, start: int, end: int) -> tuple[Piece, ...]:
        """The slices of `line` in the order in which they are read: a reader follows the page's program."""
        levels = self._line_levels(start, end)
        if not any(level % 2 for level in levels):
            return ((0, end - start),)
        place = {one: at for at, one in enumerate(_visual(levels))}
        read = (piece for run in _runs(levels) for piece in _read(self.text[start:end], run, levels[run[0]]))
        ends = (sorted((place[first], place[last - 1])) for first, last in read)
        return tuple((first, last + 1) for first, last in ends)

    def _line_levels(self, start: int, end: int) -> list[int]:
        """L1: blanks at the end of a line stand at the paragraph's own level."""
        levels = self.levels[start:end]
        blank = end - start - len(self.text[start:end].rstrip())
        return levels[: len(levels) - blank] + [self.base] * blank

    def _drawn(self, index: int, level: int) -> str:
        """L4: brackets turn in right-to-left text."""
        one = self.text[index]
        return turned(one) if level % 2 and one in MIRRORED else one


def paragraph(text: str, *, right_to_left: bool | None = None) -> Paragraph:
    """The paragraph with its levels; its direction is that of its first strong letter (P2, P3), or as given."""
    base = int(starts_right(text) if right_to_left is None else right_to_left)
    kinds = _resolved(text, base)
    raised = {"R": 1, "EN": 2, "AN": 2} if base == 0 else {"L": 1, "EN": 1, "AN": 1}
    return Paragraph(text, base, [base + raised.get(kind, 0) for kind in kinds])


def _runs(levels: list[int]) -> Iterator[Piece]:
    """First and one past the last character of each run of one level, as they are read."""
    start = 0
    for _level, run in groupby(levels):
        end = start + len(list(run))
        yield start, end
        start = end


def _read(text: str, run: Piece, level: int) -> Iterator[Piece]:
    """A run as pieces. Readers of PDFs turn right-to-left letters round, and what stands between two of them; what
    has no direction, and Arabic digits, they put where they last were, so that each of these is a piece of its own.
    """
    at, end = run
    for found in (RIGHT if level % 2 else LEFT).finditer(text, at, end):
        yield from ((one, one + 1) for one in range(at, found.start()))
        yield found.span()
        at = found.end()
    yield from ((one, one + 1) for one in range(at, end))


def starts_right(text: str) -> bool:
    """Whether the first strong character reads from the right."""
    strong = (kind for one in text if (kind := unicodedata.bidirectional(one)) in STRONG)
    return next(strong, "L") != "L"


def _visual(levels: list[int]) -> list[int]:
    """L2: which character of the line stands at each place, from the left."""
    order = list(range(len(levels)))
    for level in range(max(levels, default=0), 0, -1):
        _reverse_runs(order, levels, level)
    return order


def _reverse_runs(order: list[int], levels: list[int], level: int) -> None:
    """L2: reverse every run of characters at this level or above, in place."""
    start = 0
    while start < len(order):
        end = start
        while end < len(order) and levels[order[end]] >= level:
            end += 1
        order[start:end] = order[start:end][::-1]
        start = end + 1


def _resolved(text: str, base: int) -> list[str]:
    side = "R" if base else "L"
    original = [unicodedata.bidirectional(one) or "L" for one in text]
    kinds = _without_marks(original, side)
    kinds = _numbers_by_context(kinds)
    kinds = _separators(kinds)
    kinds = _european_after_latin(_terminators(kinds), side)
    _resolve_brackets(text, original, kinds, side)
    return _neutrals(kinds, side)


def _without_marks(kinds: list[str], side: str) -> list[str]:
    """W1: a mark is of the kind of what it marks."""
    result, previous = [], side
    for kind in kinds:
        previous = previous if kind == "NSM" else kind
        result.append(previous)
    return result


def _numbers_by_context(kinds: list[str]) -> list[str]:
    """W2, W3: European digits after Arabic letters count as Arabic ones; Arabic letters as right-to-left."""
    result, strong = [], ""
    for kind in kinds:
        strong = kind if kind in STRONG else strong
        number = "AN" if kind == "EN" and strong == "AL" else kind
        result.append("R" if number == "AL" else number)
    return result


def _separators(kinds: list[str]) -> list[str]:
    """W4: a single separator between two numbers of one kind belongs to them."""
    result = kinds[:]
    for index in range(1, len(kinds) - 1):
        before, kind, after = result[index - 1], kinds[index], kinds[index + 1]
        joins = (kind == "ES" and before == "EN") or (kind == "CS" and before in NUMBERS)
        if joins and before == after:
            result[index] = before
    return result


def _terminators(kinds: list[str]) -> list[str]:
    """W5, W6: signs beside a European number belong to it; what is left over is neutral."""
    result = kinds[:]
    for step in (1, -1):
        near = False
        for index in range(len(kinds))[::step]:
            near = result[index] == "EN" or (near and result[index] == "ET")
            result[index] = "EN" if near else result[index]
    return ["ON" if kind in {"ES", "ET", "CS"} else kind for kind in result]


def _european_after_latin(kinds: list[str], side: str) -> list[str]:
    """W7: European numbers run with the Latin text before them."""
    result, strong = [], side
    for kind in kinds:
        strong = kind if kind in {"L", "R"} else strong
        result.append("L" if kind == "EN" and strong == "L" else kind)
    return result


def _resolve_brackets(text: str, original: list[str], kinds: list[str], side: str) -> None:
    """N0: a pair of brackets takes the side of what it holds, or of what comes before it."""
    for opening, closing in _pairs(text, kinds):
        inside = {_direction(kind) for kind in kinds[opening + 1 : closing]} - {""}
        if not inside:
            continue
        taken = side if side in inside else _before(kinds, opening, side)
        for bracket in (opening, closing):
            _take(kinds, original, bracket, taken)


def _before(kinds: list[str], opening: int, side: str) -> str:
    """The side of the last strong or numeric character before a bracket, or the paragraph's."""
    directions = (_direction(kind) for kind in reversed(kinds[:opening]))
    return next((one for one in directions if one), side)


def _take(kinds: list[str], original: list[str], bracket: int, side: str) -> None:
    """Give the bracket, and the marks upon it, their side."""
    kinds[bracket] = side
    mark = bracket + 1
    while mark < len(kinds) and original[mark] == "NSM":
        kinds[mark] = side
        mark += 1


def _pairs(text: str, kinds: list[str]) -> list[tuple[int, int]]:
    """BD16: the bracket pairs, by their opening bracket."""
    open_ones: list[tuple[str, int]] = []
    found = []
    for index, one in enumerate(text):
        bracket = CANONICAL.get(one, one) if kinds[index] == "ON" else ""
        if _is_bracket(bracket, "Ps"):
            if len(open_ones) == MAX_OPEN:
                return []
            open_ones.append((CANONICAL.get(MIRRORED[bracket], MIRRORED[bracket]), index))
        elif _is_bracket(bracket, "Pe"):
            depths = (at for at in reversed(range(len(open_ones))) if open_ones[at][0] == bracket)
            depth = next(depths, None)
            if depth is not None:
                found.append((open_ones[depth][1], index))
                del open_ones[depth:]
    return sorted(found)


def _is_bracket(one: str, category: str) -> bool:
    return one in MIRRORED and unicodedata.category(one) == category


def _neutrals(kinds: list[str], side: str) -> list[str]:
    """N1, N2: neutral runs take the side of both neighbours where these agree, else the paragraph's."""
    result, start = kinds[:], 0
    while start < len(kinds):
        end = start
        while end < len(kinds) and kinds[end] in NEUTRAL:
            end += 1
        if end > start:
            before = _direction(kinds[start - 1]) if start else side
            after = _direction(kinds[end]) if end < len(kinds) else side
            result[start:end] = [before if before == after else side] * (end - start)
        start = end + 1
    return result


def _direction(kind: str) -> str:
    """The side a resolved kind counts for among neutrals: numbers read as right-to-left; empty for neutrals."""
    return {"L": "L", "R": "R", "EN": "R", "AN": "R"}.get(kind, "")
