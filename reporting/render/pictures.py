"""The key images on the page: three in a row, each with its words below."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from reportlab.lib.utils import ImageReader
from reportlab.platypus import Flowable, Image, Spacer, Table

from reporting.render.annotations import Annotated
from reporting.render.content import Picture
from ris.core.typeset.blocks import FINE, TIGHT, TextBlock
from ris.core.typeset.fonts import FontSet

IN_A_ROW = 3
GAP = 10.0


def pictures(images: tuple[Picture, ...], fonts: FontSet, width: float) -> list[Any]:
    """One table a row, so that no picture is cut by the end of a page."""
    side = width / IN_A_ROW
    flow: list[Any] = []
    for start in range(0, len(images), IN_A_ROW):
        row = images[start : start + IN_A_ROW]
        cells = [[_drawn(one, side - GAP, fonts), Spacer(0, 3), TextBlock(one.words, FINE, fonts)] for one in row]
        cells += [[] for _ in range(IN_A_ROW - len(row))]
        style = [*TIGHT, ("VALIGN", (0, 0), (-1, -1), "TOP"), ("RIGHTPADDING", (0, 0), (-1, -1), GAP)]
        flow += [Spacer(0, 4), Table([cells], colWidths=[side] * IN_A_ROW, style=style)]
    return flow


def _drawn(one: Picture, side: float, fonts: FontSet) -> Flowable:
    """As large as a square of `side` points allows, in its own proportions, with what was measured on it."""
    columns, rows = ImageReader(BytesIO(one.jpeg)).getSize()
    scale = side / max(columns, rows)
    image = Image(BytesIO(one.jpeg), width=columns * scale, height=rows * scale)
    image.hAlign = "LEFT"
    return Annotated(image, one, fonts) if one.drawn and all(one.size) else image
