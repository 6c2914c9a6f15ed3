"""Shapes over a picture: each line light on a dark edge, so that it is seen on bone and on air alike."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from reportlab.lib.colors import HexColor
from reportlab.pdfgen.pathobject import PDFPathObject
from reportlab.platypus import Flowable, Image

from reporting.render.content import Drawn, Picture
from ris.core.typeset.blocks import Ink, TextBlock
from ris.core.typeset.fonts import FontSet

EDGE, LINE = HexColor(0x000000), HexColor(0xFFD34D)
STROKES = ((EDGE, 1.8), (LINE, 0.8))
WORDS = Ink(6, 7.5, LINE, "bold")
CROSS, GAP = 3.0, 3.0
Point = tuple[float, float]


class Annotated(Flowable):
    """A picture with what was drawn on it: `picture.size` pixels over the width and height of `image`, in points."""

    def __init__(self, image: Image, picture: Picture, fonts: FontSet) -> None:
        super().__init__()
        self.image, self.picture, self.fonts = image, picture, fonts
        self.hAlign = "LEFT"

    def wrap(self, width: float, height: float) -> tuple[float, float]:
        self.width, self.height = self.image.wrap(width, height)
        return self.width, self.height

    def draw(self) -> None:
        self.image.drawOn(self.canv, 0, 0)
        self.canv.saveState()
        frame = self.canv.beginPath()
        frame.rect(0, 0, self.width, self.height)
        self.canv.clipPath(frame, stroke=0, fill=0)
        for one in self.picture.drawn:
            self._shape(one)
        for one in self.picture.drawn:
            self._words(one)
        self.canv.restoreState()

    def _at(self, point: Sequence[float]) -> Point:
        """A point in pixels (column, row from the top left corner) as points of the page."""
        columns, rows = self.picture.size
        return point[0] / columns * self.width, self.height - point[1] / rows * self.height

    def _shape(self, one: Drawn) -> None:
        for colour, width in STROKES:
            self.canv.setStrokeColor(colour)
            self.canv.setLineWidth(width)
            path = self.canv.beginPath()
            for line in _lines(one.type, [self._at(point) for point in one.points]):
                _trace(path, line)
            self.canv.drawPath(path, stroke=1, fill=0)

    def _words(self, one: Drawn) -> None:
        """Below the shape, or above it where there is no room; within the picture, on a dark ground."""
        if not one.words:
            return
        text = TextBlock(one.words, WORDS, self.fonts)
        width = min(self.fonts.width(one.words, WORDS.weight, WORDS.size) + 0.5, self.width)
        width, height = text.wrap(width, self.height)
        drawn = [point for line in _lines(one.type, [self._at(point) for point in one.points]) for point in line]
        lowest, highest = min(y for _x, y in drawn), max(y for _x, y in drawn)
        below, above = lowest - height - GAP, highest + GAP
        bottom = below if below >= 0 else min(above, max(self.height - height, 0))
        middle = sum(x for x, _y in drawn) / len(drawn)
        left = min(max(middle - width / 2, 0), self.width - width)
        self.canv.setFillColor(EDGE)
        self.canv.rect(left - 1, bottom, width + 2, height, stroke=0, fill=1)
        text.drawOn(self.canv, left, bottom)


def _trace(path: PDFPathObject, line: list[Point]) -> None:
    path.moveTo(*line[0])
    for point in line[1:]:
        path.lineTo(*point)


def _lines(kind: str, points: list[Point]) -> Iterator[list[Point]]:
    """Shapes of PS3.3 §C.18.6.1.2 and §C.18.9.1.2 as strokes; a cross for each single point."""
    if kind in ("POINT", "MULTIPOINT") or len(points) == 1:
        for x, y in points:
            yield [(x - CROSS, y), (x + CROSS, y)]
            yield [(x, y - CROSS), (x, y + CROSS)]
    elif kind == "CIRCLE" and len(points) == 2:
        (x, y), radius = points[0], math.dist(*points)
        yield _oval((x, y), (radius, 0.0), (0.0, radius))
    elif kind == "ELLIPSE" and len(points) == 4:
        one, other, third, fourth = points
        centre = ((one[0] + other[0]) / 2, (one[1] + other[1]) / 2)
        half = ((other[0] - one[0]) / 2, (other[1] - one[1]) / 2)
        yield _oval(centre, half, ((fourth[0] - third[0]) / 2, (fourth[1] - third[1]) / 2))
    else:
        yield [*points, points[0]] if kind == "POLYGON" else points


def _oval(centre: Point, one: Point, other: Point, steps: int = 48) -> list[Point]:
    """An ellipse by its two half axes."""
    turns = [2 * math.pi * step / steps for step in range(steps + 1)]
    return [
        (
            centre[0] + one[0] * math.cos(turn) + other[0] * math.sin(turn),
            centre[1] + one[1] * math.cos(turn) + other[1] * math.sin(turn),
        )
        for turn in turns
    ]
