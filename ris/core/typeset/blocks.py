"""The pieces a page is built of: text that breaks over lines and pages, and lines to separate."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from reportlab.lib.colors import Color, HexColor
from reportlab.platypus import Flowable

from ris.core.typeset.fonts import BASE_FONT, FontSet, Weight
from ris.core.typeset.writing import Column, Line, lines

INK = HexColor(0x1B2733)
MUTED = HexColor(0x5A6875)
ACCENT = HexColor(0x1F4E79)
HAIRLINE = HexColor(0xCBD5DE)
PANEL = HexColor(0xF2F5F8)
WARNING = HexColor(0x9A3412)
WARNING_PANEL = HexColor(0xFDF1E7)
STAMP = HexColor(0xF7EDE6)

MIN_LINES = 2  # a page break leaves at least this many lines of a paragraph on either side
SLACK = 0.01  # points; sums of advances are floats


@dataclass(frozen=True)
class Ink:
    """How text looks: sizes in points."""

    size: float
    leading: float
    colour: Color = INK
    weight: Weight = "regular"


BODY = Ink(9.5, 13.5)
SMALL = Ink(8, 11)
FINE = Ink(7, 9.5, MUTED)
LABEL = Ink(7, 10, MUTED)
VALUE = Ink(9, 12.5)
STRONG = Ink(9, 12.5, weight="bold")
NAME = Ink(13, 17, weight="bold")
HEADING = Ink(10, 14, ACCENT, "bold")


class TextBlock(Flowable):
    """Text in one ink, broken to the width it is given; splits between lines, never inside one."""

    def __init__(self, text: str, ink: Ink, fonts: FontSet, align: Literal["start", "right"] = "start") -> None:
        super().__init__()
        self.text, self.ink, self.fonts, self.align = text, ink, fonts, align
        self.lines: list[Line] = []
        self.broken_to: float | None = None

    def wrap(self, width: float, height: float) -> tuple[float, float]:
        if self.broken_to is None or abs(self.broken_to - width) > SLACK:
            self.lines, self.broken_to = lines(self.text, Column(width, self._measure)), width
        self.width, self.height = width, len(self.lines) * self.ink.leading
        return self.width, self.height

    def _measure(self, text: str) -> float:
        return self.fonts.width(text, self.ink.weight, self.ink.size)

    def split(self, width: float, height: float) -> list[TextBlock]:
        self.wrap(width, height)
        fitting = int((height + SLACK) // self.ink.leading)
        fitting = min(fitting, len(self.lines) - MIN_LINES)
        if fitting < MIN_LINES:
            return []
        return [self._part(self.lines[:fitting]), self._part(self.lines[fitting:])]

    def pieces(self, width: float, most: int) -> list[TextBlock]:
        """The text as blocks of at most `most` lines each, for a table whose rows cannot break."""
        self.wrap(width, 0)
        return [self._part(self.lines[start : start + most]) for start in range(0, len(self.lines), most)]

    def _part(self, own: list[Line]) -> TextBlock:
        part = TextBlock(self.text, self.ink, self.fonts, self.align)
        part.lines, part.broken_to = own, self.broken_to
        return part

    def draw(self) -> None:
        ascent = (self.ink.leading + self.ink.size * 0.62) / 2
        self.canv.setFillColor(self.ink.colour)
        for number, line in enumerate(self.lines):
            self._draw_line(line, self.height - number * self.ink.leading - ascent)

    def _draw_line(self, line: Line, y: float) -> None:
        """Piece by piece in reading order, so that what a reader takes from the page is the text that was written."""
        left = self._start(line)
        origins = [left + self._measure(line.text[:first]) for first, _last in line.pieces]
        pen = self.canv.beginText(origins[0], y)
        for number, (first, last) in enumerate(line.pieces):
            if number:
                pen.setTextOrigin(origins[number], y)
            for font, written in self.fonts.runs(line.text[first:last], self.ink.weight):
                pen.setFont(font, self.ink.size, self.ink.leading)
                pen.textOut(written)
        self.canv.drawText(pen)

    def _start(self, line: Line) -> float:
        if not line.right_to_left and self.align == "start":
            return line.indent
        return self.width - self._measure(line.text) - (line.indent if line.right_to_left else 0.0)


class Rule(Flowable):
    """A horizontal line over the whole width, with air below."""

    def __init__(self, colour: Color = HAIRLINE, thickness: float = 0.6, below: float = 4) -> None:
        super().__init__()
        self.colour, self.thickness, self.below = colour, thickness, below

    def wrap(self, width: float, height: float) -> tuple[float, float]:
        self.width, self.height = width, self.thickness + self.below
        return self.width, self.height

    def draw(self) -> None:
        self.canv.setStrokeColor(self.colour)
        self.canv.setLineWidth(self.thickness)
        y = self.height - self.thickness / 2
        self.canv.line(0, y, self.width, y)


def stacked(label: str, value: str, fonts: FontSet, ink: Ink = VALUE) -> list[Any]:
    """A small label above its value; an empty value is shown as a dash, so that it is seen to be missing."""
    return [TextBlock(label, LABEL, fonts), TextBlock(value or "–", ink, fonts)]


# Without a font of its own a table names reportlab's Helvetica, which is never embedded.
TIGHT = [
    ("FONTNAME", (0, 0), (-1, -1), BASE_FONT),
    ("LEFTPADDING", (0, 0), (-1, -1), 0),
    ("RIGHTPADDING", (0, 0), (-1, -1), 0),
    ("TOPPADDING", (0, 0), (-1, -1), 0),
    ("BOTTOMPADDING", (0, 0), (-1, -1), 0),
    ("VALIGN", (0, 0), (-1, -1), "TOP"),
]


def panel(fill: Color, edge: Color) -> list[Any]:
    """The table style of a tinted box with a coloured edge."""
    return [
        *TIGHT,
        ("BACKGROUND", (0, 0), (-1, -1), fill),
        ("LINEBEFORE", (0, 0), (0, -1), 2.2, edge),
        ("LEFTPADDING", (0, 0), (-1, -1), 10),
        ("RIGHTPADDING", (0, 0), (-1, -1), 10),
        ("TOPPADDING", (0, 0), (-1, -1), 6),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 7),
    ]
