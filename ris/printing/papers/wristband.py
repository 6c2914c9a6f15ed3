"""Wristbands: name, birth date, and the patient number as a barcode."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from ris.core.typeset.blocks import Ink
from ris.core.typeset.fixed import Box, Pen, pages
from ris.core.typeset.fonts import FontSet
from ris.core.typeset.guard import refuse_lost_glyphs
from ris.printing.papers.content import Band, copy_mark

# The usual adult band of a label printer: 279 × 25 mm. What is printed keeps clear of both closures.
SIZE = (279 * mm, 25 * mm)
LEFT, TEXT_WIDTH, BARS_WIDTH, MARGIN = 45 * mm, 95 * mm, 75 * mm, 2 * mm
NAME = Ink(15, 17.5, weight="bold")
BORN = Ink(11, 13, weight="bold")
LINE = Ink(8, 10)
ALERT = Ink(8, 10, weight="bold")


def wristbands(bands: Sequence[Band], fonts: FontSet) -> bytes:
    """One band per page. Raises LostGlyph, DoesNotFit."""
    refuse_lost_glyphs(tuple(bands), fonts)
    return pages(SIZE, [partial(_band, band=band, fonts=fonts) for band in bands], title="Wristbands")


def _band(canvas: Canvas, *, band: Band, fonts: FontSet) -> None:
    pen, person, height = Pen(canvas, fonts), band.person, SIZE[1] - 2 * MARGIN
    y = SIZE[1] - MARGIN
    name = " ".join(part for part in (person.name, person.other_script) if part)
    alerts = "ALERT: " + ", ".join(band.alerts) if band.alerts else ""
    rows = (
        (name, NAME, 0.36, "The name"),
        (f"{person.born_and_sex}  {person.number}", BORN, 0.24, "The patient number"),
        (" · ".join(part for part in (band.site, band.visit, copy_mark(band.copy)) if part), LINE, 0.2, "The visit"),
        (alerts, ALERT, 0.2, "The list of alerts"),
    )
    for text, ink, share, what in rows:
        if text:
            y -= pen.write(text, Box(LEFT, y - height * share, TEXT_WIDTH, height * share), ink, what=what)
    bars = Box(LEFT + TEXT_WIDTH + 4 * mm, MARGIN + LINE.leading, BARS_WIDTH, height - LINE.leading - MARGIN)
    pen.bars(person.number, bars)
    pen.write(person.number, Box(bars.left + 4 * mm, MARGIN, bars.width, LINE.leading), LINE, what="The patient number")
