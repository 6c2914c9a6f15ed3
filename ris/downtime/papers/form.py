"""The downtime form: barcode and numbers above, fields for the pen below, and stickers to take along."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from ris.core.typeset.blocks import ACCENT, FINE, HAIRLINE, INK, LABEL, MUTED, Ink
from ris.core.typeset.errors import DoesNotFit
from ris.core.typeset.fixed import Box, Pen, pages
from ris.core.typeset.fonts import FontSet
from ris.core.typeset.guard import refuse_lost_glyphs
from ris.downtime.papers.content import Blank, Question

WIDTH, HEIGHT = A4
SIDE, TOP, BOTTOM = 16 * mm, 13 * mm, 10 * mm
INNER = WIDTH - 2 * SIDE
GAP = 3 * mm

SITE = Ink(12, 15, ACCENT, "bold")
TITLE = Ink(18, 22, weight="bold")
NUMBER = Ink(13, 16, weight="bold")
PART = Ink(9.5, 12, ACCENT, "bold")
TICK = Ink(8, 10)
STICKERS = 3
STICKER_HEIGHT = 20 * mm


@dataclass(frozen=True, slots=True)
class Field:
    """A line to write on, or squares to tick; `share` of the row's width."""

    label: str
    share: float
    ticks: tuple[str, ...] = ()


PATIENT = (
    (Field("Family name", 0.5), Field("Given name", 0.5)),
    (Field("Date of birth (year - month - day)", 0.3), Field("Sex", 0.2, ("F", "M", "O")),
     Field("Patient number, if known", 0.5)),
    (Field("Phone", 0.3), Field("Ward, bed", 0.2), Field("Not known who this is", 0.5, ("yes, about ____ years old",))),
)  # fmt: skip
EXAM = (
    (Field("Exam", 0.62), Field("Side", 0.38, ("Right", "Left", "Both"))),
    (Field("Reason and question", 0.62), Field("Priority", 0.38, ("STAT", "High", "Routine"))),
    (Field("Asked for by", 1.0),),
)
DONE = (
    (Field("Done on (year - month - day)", 0.3), Field("Begun at", 0.17), Field("Ended at", 0.17), Field("Room", 0.36)),
    (Field("Contrast medium and amount", 0.47), Field("Dose", 0.17), Field("Technologist", 0.36)),
    (Field("Notes", 1.0),),
    (Field("", 1.0),),
)
ENTERED = ((Field("Entered into Isocenter on", 0.5), Field("by", 0.5)),)


def forms(blanks: Sequence[Blank], fonts: FontSet) -> bytes:
    """One A4 page per form. Raises LostGlyph, DoesNotFit."""
    refuse_lost_glyphs(tuple(blanks), fonts)
    return pages(A4, [partial(_form, blank=blank, fonts=fonts) for blank in blanks], title="Downtime forms")


def _form(canvas: Canvas, *, blank: Blank, fonts: FontSet) -> None:
    pen = Pen(canvas, fonts)
    y = _head(pen, blank)
    y = _part(pen, "Patient: ask for name and date of birth, do not tell them", PATIENT, y)
    y = _part(pen, "Exam", EXAM, y)
    y = _part(pen, "Safety: answer before the exam begins", _safety(blank.questions), y, row=8.4 * mm)
    y = _part(pen, "What was done", DONE, y)
    y = _part(pen, "Afterwards: scan the barcode under Downtime, enter the form once", ENTERED, y)
    if y < BOTTOM + STICKER_HEIGHT:
        raise DoesNotFit("There are more questions of safety than one page holds.")
    _stickers(pen, blank)


def _head(pen: Pen, blank: Blank) -> float:
    """The site, the title, the barcode, and what to type at the device."""
    top = HEIGHT - TOP
    left = INNER * 0.5
    used = pen.write(blank.site, Box(SIDE, top - 12 * mm, left, 12 * mm), SITE, what="The site's name")
    pen.write("Downtime form", Box(SIDE, top - 24 * mm, left, 24 * mm - used), TITLE, what="The title")
    bars = Box(SIDE + left, top - 15 * mm, INNER - left, 15 * mm)
    pen.bars(blank.accession, bars)
    number = Box(bars.left + 4 * mm, bars.bottom - 7 * mm, bars.width - 4 * mm, 6.5 * mm)
    pen.write(blank.accession, number, NUMBER, what="The accession number")
    told = (
        f"Type at the device: accession number {blank.accession}; the patient's own number, or {blank.accession} "
        "when it is not known; the name as written here. Images then find this exam once the form is entered."
    )
    y = top - 25 * mm
    y -= pen.write(told, Box(SIDE, y - 9 * mm, INNER, 9 * mm), TICK, what="The instruction")
    y -= pen.write(f"StudyInstanceUID {blank.study_uid}", Box(SIDE, y - 4 * mm, INNER, 4 * mm), FINE, what="The UID")
    return y - 1 * mm


Rows = Sequence[Sequence[Field]]


def _part(pen: Pen, title: str, rows: Rows, y: float, row: float = 10.4 * mm) -> float:
    y -= 1.5 * mm
    y -= pen.write(title, Box(SIDE, y - PART.leading, INNER, PART.leading), PART, what="A heading") + 0.5 * mm
    for fields in rows:
        left = SIDE
        for field in fields:
            _field(pen, field, Box(left, y - row, INNER * field.share - GAP, row))
            left += INNER * field.share
        y -= row
    return y


def _field(pen: Pen, field: Field, box: Box) -> None:
    if field.label:
        label = Box(box.left, box.top - LABEL.leading, box.width, LABEL.leading)
        pen.write(field.label, label, LABEL, what="A label")
    if field.ticks:
        _ticks(pen, field.ticks, box)
        return
    pen.canvas.setStrokeColor(MUTED)
    pen.canvas.setLineWidth(0.5)
    pen.canvas.line(box.left, box.bottom + 1.2 * mm, box.left + box.width, box.bottom + 1.2 * mm)


def _ticks(pen: Pen, choices: tuple[str, ...], box: Box) -> None:
    left, square = box.left, 3.2 * mm
    pen.canvas.setStrokeColor(INK)
    pen.canvas.setLineWidth(0.7)
    for choice in choices:
        pen.canvas.rect(left, box.bottom + 1.2 * mm, square, square)
        left += square + 1.2 * mm
        width = pen.fonts.width(choice, TICK.weight, TICK.size) + 2
        pen.write(choice, Box(left, box.bottom + 0.4 * mm, width, square + 0.6 * mm), TICK, what="An answer")
        left += width + 2.4 * mm


def _safety(questions: tuple[Question, ...]) -> list[tuple[Field, ...]]:
    """Two questions with few answers share a row; one with many stands alone."""
    rows: list[tuple[Field, ...]] = []
    short = [_asked(item, 0.5) for item in questions if len("".join(item.choices)) <= 30]
    rows += [tuple(short[first : first + 2]) for first in range(0, len(short), 2)]
    return rows + [(_asked(item, 1.0),) for item in questions if len("".join(item.choices)) > 30]


def _asked(question: Question, share: float) -> Field:
    unit = f" ({question.unit}), with its date" if question.unit else ""
    return Field(f"{question.label}{unit}", share, question.choices)


def _stickers(pen: Pen, blank: Blank) -> None:
    """The number again, to cut off: for a disc, a tube, the request."""
    width = INNER / STICKERS
    pen.canvas.setStrokeColor(HAIRLINE)
    pen.canvas.setDash(2, 2)
    pen.canvas.line(SIDE, BOTTOM + STICKER_HEIGHT, SIDE + INNER, BOTTOM + STICKER_HEIGHT)
    pen.canvas.setDash()
    for place in range(STICKERS):
        box = Box(SIDE + place * width, BOTTOM, width - GAP, STICKER_HEIGHT - 2 * mm)
        pen.bars(blank.accession, Box(box.left, box.bottom + 6 * mm, box.width, box.height - 8 * mm))
        pen.write(blank.accession, Box(box.left + 4 * mm, box.bottom, box.width, 5.5 * mm), TICK, what="The number")
