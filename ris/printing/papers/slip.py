"""The appointment slip: what the patient takes home, and what the desk scans when they come."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from io import BytesIO
from typing import Any

from reportlab.lib.pagesizes import A4, A5, LETTER
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, CondPageBreak, Frame, PageBreak, PageTemplate, Spacer, Table
from reportlab.platypus.doctemplate import LayoutError

from ris.core.typeset.blocks import (
    ACCENT,
    BODY,
    FINE,
    HAIRLINE,
    LABEL,
    NAME,
    PANEL,
    SMALL,
    TIGHT,
    WARNING,
    WARNING_PANEL,
    Ink,
    Rule,
    TextBlock,
    panel,
    stacked,
)
from ris.core.typeset.errors import DoesNotFit
from ris.core.typeset.fixed import PRODUCER, barcode
from ris.core.typeset.fonts import BASE_FONT, FontSet, drawing
from ris.core.typeset.guard import refuse_lost_glyphs
from ris.printing.papers.content import Exam, Slip, copy_mark

SIZES = {"A4": A4, "A5": A5, "LETTER": LETTER}
SITE = Ink(15, 19, ACCENT, "bold")
TITLE = Ink(16, 21, weight="bold")
WHEN = Ink(14, 19, weight="bold")
EXAM = Ink(11, 15, ACCENT, "bold")
MARK = Ink(10, 13, WARNING, "bold")
BARS_WIDTH, BARS_HEIGHT = 78 * mm, 11 * mm


def slips(contents: Sequence[Slip], size: str, fonts: FontSet) -> bytes:
    """One slip per page or more, on A4, A5 or LETTER. Raises LostGlyph, DoesNotFit."""
    refuse_lost_glyphs(tuple(contents), fonts)
    width, height = SIZES[size]
    margin = 14 * mm if size == "A5" else 20 * mm
    target = BytesIO()
    document = BaseDocTemplate(target, pagesize=(width, height), invariant=1, initialFontName=BASE_FONT,
                               title="Appointments", creator=PRODUCER, producer=PRODUCER)  # fmt: skip
    frame = Frame(margin, margin, width - 2 * margin, height - 2 * margin, 0, 0, 0, 0)
    document.addPageTemplates([PageTemplate(id="slip", frames=[frame])])
    story: list[Any] = []
    for content in contents:
        story += [*_slip(content, fonts, width - 2 * margin), PageBreak()]
    with drawing:
        try:
            document.build(story[:-1], canvasmaker=partial(Canvas, invariant=1, initialFontName=BASE_FONT))
        except LayoutError as reason:
            raise DoesNotFit("A name or an address is longer than a page.") from reason
    return target.getvalue()


def _slip(content: Slip, fonts: FontSet, width: float) -> list[Any]:
    parts = [*_head(content, fonts, width), TextBlock(content.phrases["slip-title"], TITLE, fonts), Spacer(0, 6)]
    parts += [_person(content, fonts, width), Spacer(0, 8), _when(content, fonts, width), Spacer(0, 10)]
    for exam in content.exams:
        parts += _exam(exam, fonts, content.phrases)
    if content.note:
        parts += [Rule(HAIRLINE, 0.6, 6), TextBlock(content.note, SMALL, fonts)]
    return parts


def _head(content: Slip, fonts: FontSet, width: float) -> list[Any]:
    address = TextBlock(content.address, FINE, fonts, align="right")
    cells = [[TextBlock(content.site, SITE, fonts), address]]
    style = [*TIGHT, ("VALIGN", (0, 0), (-1, -1), "BOTTOM")]
    parts = [Table(cells, colWidths=[width * 0.56, width * 0.44], style=style), Spacer(0, 5), Rule(ACCENT, 1.4, 8)]
    if content.copy:
        mark = [[TextBlock(copy_mark(content.copy), MARK, fonts)]]
        parts += [Table(mark, colWidths=[width], style=panel(WARNING_PANEL, WARNING)), Spacer(0, 6)]
    return parts


def _person(content: Slip, fonts: FontSet, width: float) -> Table:
    person, inner, say = content.person, width - 20, content.phrases
    fields = [
        stacked(say["slip-born"], person.birth_date, fonts),
        stacked(say["slip-sex"], say.get(f"sex-{person.sex or 'unknown'}", person.sex), fonts),
        stacked(say["slip-number"], person.number, fonts),
    ]
    lower = Table([fields], colWidths=[inner * 0.3, inner * 0.25, inner * 0.45], style=TIGHT)
    name = "  ".join(part for part in (person.name, person.other_script) if part)
    upper = [TextBlock(say["slip-patient"], LABEL, fonts), TextBlock(name, NAME, fonts), Spacer(0, 4)]
    return Table([[[*upper, lower]]], colWidths=[width], style=panel(PANEL, HAIRLINE))


def _when(content: Slip, fonts: FontSet, width: float) -> Table:
    words = [
        TextBlock(f"{content.day}, {content.clock}", WHEN, fonts),
        TextBlock(f"{content.phrases['slip-room']}: {content.room}", BODY, fonts),
        TextBlock(f"{content.phrases['slip-zone']}: {content.zone}", FINE, fonts),
    ]
    return Table([[words]], colWidths=[width], style=panel(PANEL, ACCENT))


def _exam(exam: Exam, fonts: FontSet, say: Mapping[str, str]) -> list[Any]:
    """The exam, how to prepare for it, and its accession number as bars with the number below."""
    parts: list[Any] = [CondPageBreak(BARS_HEIGHT + 60), TextBlock(exam.description, EXAM, fonts)]
    if exam.preparation:
        parts += [Spacer(0, 2), TextBlock(say["slip-prepare"], LABEL, fonts), TextBlock(exam.preparation, BODY, fonts)]
    bars = barcode(exam.accession, BARS_WIDTH, BARS_HEIGHT)
    bars.hAlign = "LEFT"
    number = TextBlock(f"{say['slip-accession']} {exam.accession}", SMALL, fonts)
    return [*parts, CondPageBreak(BARS_HEIGHT + 30), Spacer(0, 6), bars, Spacer(0, 2), number, Spacer(0, 12)]
