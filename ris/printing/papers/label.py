"""Labels: one per page for a label printer, or sheets of them for an office printer."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from ris.core.typeset.blocks import Ink
from ris.core.typeset.fixed import Box, Pen, pages
from ris.core.typeset.fonts import FontSet
from ris.core.typeset.guard import refuse_lost_glyphs
from ris.printing.papers.content import Tag, copy_mark

MARGIN = 1.5 * mm
NAME = Ink(10, 11.5, weight="bold")
BORN = Ink(7.5, 9, weight="bold")
LINE = Ink(7.5, 9)
NUMBER = Ink(8, 9.5, weight="bold")

# A4, three columns of eight: 70 × 37 mm, no gaps.
COLUMNS, ROWS = 3, 8
SHEET_LABEL = (70 * mm, 37 * mm)
SHEET_TOP = (A4[1] - ROWS * SHEET_LABEL[1]) / 2
INSET = 3 * mm  # office printers do not print to the edge


def label_roll(tags: Sequence[Tag], size_mm: tuple[float, float], fonts: FontSet) -> bytes:
    """One label per page, of this width and height. Raises LostGlyph, DoesNotFit."""
    refuse_lost_glyphs(tuple(tags), fonts)
    width, height = size_mm[0] * mm, size_mm[1] * mm
    box = Box(MARGIN, MARGIN, width - 2 * MARGIN, height - 2 * MARGIN)
    draws = [partial(_label, tag=tag, box=box, fonts=fonts) for tag in tags]
    return pages((width, height), draws, title="Labels")


def label_sheets(tags: Sequence[Tag], fonts: FontSet, *, used: int = 0) -> bytes:
    """A4 sheets of 24 labels; the first `used` places of the first sheet are empty. Raises LostGlyph, DoesNotFit."""
    refuse_lost_glyphs(tuple(tags), fonts)
    places: list[Tag | None] = [*[None] * (used % (COLUMNS * ROWS)), *tags]
    sheets = [places[first : first + COLUMNS * ROWS] for first in range(0, len(places), COLUMNS * ROWS)]
    return pages(A4, [partial(_sheet, tags=sheet, fonts=fonts) for sheet in sheets], title="Labels")


def _sheet(canvas: Canvas, *, tags: Sequence[Tag | None], fonts: FontSet) -> None:
    width, height = SHEET_LABEL
    for place, tag in enumerate(tags):
        row, column = divmod(place, COLUMNS)
        bottom = A4[1] - SHEET_TOP - (row + 1) * height
        box = Box(column * width + INSET, bottom + INSET, width - 2 * INSET, height - 2 * INSET)
        if tag is not None:
            _label(canvas, tag=tag, box=box, fonts=fonts)


def _label(canvas: Canvas, *, tag: Tag, box: Box, fonts: FontSet) -> None:
    """Name, birth date and number, exam, barcode, and below it the accession number to read."""
    pen, y = Pen(canvas, fonts), box.top
    name = " ".join(part for part in (tag.person.name, tag.person.other_script) if part)
    rows = (
        (name, NAME, 0.25, "The name"),
        (f"{tag.person.born_and_sex}  {tag.person.number}", BORN, 0.14, "The patient number"),
        (tag.exam.description, LINE, 0.2, "The exam"),
    )
    for text, ink, share, what in rows:
        y -= pen.write(text, Box(box.left, y - box.height * share, box.width, box.height * share), ink, what=what)
    foot = NUMBER.leading + 0.5
    bars = Box(box.left, box.bottom + foot, box.width, max(y - box.bottom - foot - 1, 5 * mm))
    pen.bars(tag.exam.accession, bars)
    words = "   ".join(part for part in (tag.exam.accession, tag.when, copy_mark(tag.copy)) if part)
    pen.write(words, Box(box.left, box.bottom, box.width, foot), NUMBER, what="The accession number")
