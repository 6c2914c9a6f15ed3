"""Text as it must be drawn: normalised, joined, broken into lines, each line in visual order (UAX #9)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from arabic_reshaper import ArabicReshaper
from bidi.mirror import MIRRORED

from ris.core.typeset.bidirectional import Piece, paragraph

LINE_ENDS = re.compile(r"\r\n|[\r\v\f\x85\u2028\u2029]")
COMBINED = re.compile(r"[^\u0300-\u036f\n][\u0300-\u036f]+")
LIST_MARK = re.compile(r"\s*(?:[-*•–]|\d{1,2}[.)])\s+")
TOKENS = re.compile(r"[^\S\u00a0\u202f\u2007]+|(?:\S|[\u00a0\u202f\u2007])+")
JOINED = re.compile("[\u0600-\u06ff\u0750-\u077f]")
NO_LINE_START = frozenset("、。，．：；！？）］｝」』】〉》ー々,.:;!?)]}")
WIDE = frozenset({"W", "F"})

# Joiners steer the shaping of Arabic letters; the others steer direction, breaking or variants. None of them
# leaves ink, so they may go once they have had their effect.
JOINERS = "\u200c\u200d"
UNSEEN = "\u00ad\u034f\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufe00-\ufe0f\ufeff"
STEERING = re.compile(f"[{UNSEEN}\U000e0100-\U000e01ef]")

TAB = "    "
IDEOGRAPHIC_SPACE = "\u3000"

_reshaper = ArabicReshaper({"delete_harakat": False, "ARABIC LIGATURE ALLAH": False})

Measure = Callable[[str], float]


class Line(NamedTuple):
    """One line in visual order, left to right; `indent` in points is for continued list items.

    `pieces`: slices of the text in the order in which they are read, and so written into the page's program.
    """

    text: str
    indent: float
    right_to_left: bool
    pieces: tuple[Piece, ...]


@dataclass(frozen=True)
class Column:
    """The place for text: `width` in points, `measure` gives the advance of a string in points."""

    width: float
    measure: Measure


def settled(text: str) -> str:
    """`text` in the characters that will be drawn, in logical order; lines end with a line feed only."""
    text = LINE_ENDS.sub("\n", text).replace("\t", TAB).replace(IDEOGRAPHIC_SPACE, "  ")
    text = COMBINED.sub(lambda match: unicodedata.normalize("NFC", match[0]), STEERING.sub("", text))
    if JOINED.search(text):
        text = _reshaper.reshape(text)
    return text.translate(dict.fromkeys(map(ord, JOINERS)))


def drawn_characters(text: str) -> set[str]:
    """Every character that drawing `text` needs a glyph for, mirrored brackets included."""
    needed = set(settled(text)) - {"\n"}
    return needed | {MIRRORED[one] for one in needed if one in MIRRORED}


def lines(text: str, column: Column) -> list[Line]:
    """`text` broken to the column; an empty paragraph is an empty line, no character is lost but break spaces."""
    return [line for paragraph in settled(text).split("\n") for line in _paragraph(paragraph, column)]


def _paragraph(text: str, column: Column) -> Iterator[Line]:
    directed = paragraph(text)
    mark = LIST_MARK.match(text)
    indent = column.measure(mark[0]) if mark else 0.0
    indent = indent if indent < column.width / 3 else 0.0
    for start, end in _broken(text, column, indent):
        drawn, pieces = directed.line(start, end), directed.pieces(start, end)
        yield Line(drawn, indent if start else 0.0, bool(directed.base), pieces)


def _broken(text: str, column: Column, indent: float) -> Iterator[tuple[int, int]]:
    """Start and end of each line in the paragraph, without the blanks at which it was broken."""
    start, end, used, room = 0, 0, 0.0, column.width
    for word in _words(text, column, room - indent):
        advance = column.measure(word)
        if text[start:end].strip() and used + advance > room and not word.isspace():
            yield start, _trimmed(text, start, end)
            start, used, room = end, 0.0, column.width - indent
        end, used = end + len(word), used + advance
    yield start, _trimmed(text, start, end)


def _trimmed(text: str, start: int, end: int) -> int:
    return start + len(text[start:end].rstrip(" "))


def _words(text: str, column: Column, room: float) -> Iterator[str]:
    """Pieces between which a line may break; one wider than the room may break anywhere."""
    for token in TOKENS.findall(text):
        if not token.isspace() and (_is_wide(token) or column.measure(token) > room):
            yield from _atoms(token)
        else:
            yield token


def _is_wide(token: str) -> bool:
    return any(unicodedata.east_asian_width(one) in WIDE for one in token)


def _atoms(token: str) -> Iterator[str]:
    """Single characters with the marks and closing punctuation that must not start a line."""
    atom = token[0]
    for one in token[1:]:
        if unicodedata.category(one).startswith("M") or one in NO_LINE_START:
            atom += one
        else:
            yield atom
            atom = one
    yield atom
