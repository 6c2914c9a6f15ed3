"""The list of today and tomorrow, to work from while the RIS is down; encrypted, so that it may lie on any machine."""

from __future__ import annotations

from functools import partial
from io import BytesIO
from typing import Any

from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.writer import copy_into_new_writer
from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, Frame, PageTemplate, Spacer, Table

from ris.core.typeset.blocks import (
    ACCENT,
    FINE,
    HAIRLINE,
    LABEL,
    PANEL,
    SMALL,
    TIGHT,
    WARNING,
    Ink,
    Rule,
    TextBlock,
)
from ris.core.typeset.fixed import PRODUCER
from ris.core.typeset.fonts import BASE_FONT, FontSet, drawing
from ris.core.typeset.writing import drawn_characters
from ris.downtime.papers.content import Day, DayList, Line, Room

SIZE = landscape(A4)
SIDE, TOP, BOTTOM = 12 * mm, 20 * mm, 14 * mm
WIDTH = SIZE[0] - 2 * SIDE
COLUMNS = (0.07, 0.24, 0.25, 0.13, 0.31)
HEADINGS = ("Time", "Patient", "Exam", "State", "Know before you begin")
SITE = Ink(12, 15, ACCENT, "bold")
DAY = Ink(12, 17, ACCENT, "bold")
ROOM = Ink(9.5, 14, weight="bold")
NAME = Ink(8.5, 11, weight="bold")
TEXT = Ink(8, 10.5)
FLAG = Ink(8, 10.5, WARNING, "bold")
STYLE = [
    *TIGHT,
    ("LINEBELOW", (0, 0), (-1, -1), 0.4, HAIRLINE),
    ("SPAN", (0, 0), (-1, 0)),
    ("BACKGROUND", (0, 1), (-1, 1), PANEL),
    ("TOPPADDING", (0, 0), (-1, -1), 2.5),
    ("BOTTOMPADDING", (0, 0), (-1, -1), 3),
    ("RIGHTPADDING", (0, 0), (-1, -1), 5),
    ("LEFTPADDING", (0, 0), (0, -1), 3),
]


def encrypted_list(content: DayList, passphrase: str, fonts: FontSet) -> bytes:
    """The list as a PDF that any reader opens with the passphrase (AES-256, ISO 32000-2 §7.6)."""
    plain = PdfFileReader(BytesIO(day_list(content, fonts)))
    writer = copy_into_new_writer(plain)
    writer.encrypt(owner_pass=passphrase, user_pass=passphrase)
    target = BytesIO()
    writer.write(target)
    return target.getvalue()


def day_list(content: DayList, fonts: FontSet) -> bytes:
    """The list in clear. A name that no font draws must not cost all the others: its characters are named."""
    target = BytesIO()
    named = {"title": "List for a downtime", "creator": PRODUCER, "producer": PRODUCER}
    document = BaseDocTemplate(target, pagesize=SIZE, invariant=1, initialFontName=BASE_FONT, **named)
    frame = Frame(SIDE, BOTTOM, WIDTH, SIZE[1] - TOP - BOTTOM, 0, 0, 0, 0)

    def furnish(canvas: Canvas, _document: object) -> None:
        _furnish(canvas, content, fonts)

    document.addPageTemplates([PageTemplate(id="list", frames=[frame], onPage=furnish)])
    with drawing:
        document.build(_story(content, fonts), canvasmaker=partial(Canvas, invariant=1, initialFontName=BASE_FONT))
    return target.getvalue()


def _furnish(canvas: Canvas, content: DayList, fonts: FontSet) -> None:
    """Whose list and of when, on every page: an old page must be seen to be old."""
    head = TextBlock(f"{_shown(content.site, fonts)}: state of {content.made_at}", SITE, fonts)
    head.wrap(WIDTH, TOP)
    head.drawOn(canvas, SIDE, SIZE[1] - 9 * mm - head.height / 2)
    told = "Made while the RIS was running. What changed afterwards is not on it. Page"
    foot = TextBlock(f"{told} {canvas.getPageNumber()}", FINE, fonts)
    foot.wrap(WIDTH, BOTTOM)
    foot.drawOn(canvas, SIDE, BOTTOM - 6 * mm)


def _story(content: DayList, fonts: FontSet) -> list[Any]:
    parts: list[Any] = []
    for day in content.days:
        parts += _day(day, fonts)
    if content.waiting:
        parts.append(_table("Ordered, without a time", content.waiting, fonts))
    return parts


def _day(day: Day, fonts: FontSet) -> list[Any]:
    parts: list[Any] = [TextBlock(day.title, DAY, fonts), Rule(ACCENT, 1, 2)]
    if not day.rooms:
        parts.append(TextBlock("Nobody is booked.", SMALL, fonts))
    for room in day.rooms:
        parts += _room(room, fonts)
    return [*parts, Spacer(0, 10)]


def _room(room: Room, fonts: FontSet) -> list[Any]:
    return [_table(room.name, room.lines, fonts), Spacer(0, 6)]


def _table(title: str, rows: tuple[Line, ...], fonts: FontSet) -> Table:
    """The room and the headings stand on every page that the table goes on to."""
    head = [TextBlock(_shown(title, fonts), ROOM, fonts), "", "", "", ""]
    headings = [TextBlock(heading, LABEL, fonts) for heading in HEADINGS]
    cells = [head, headings, *(_cells(row, fonts) for row in rows)]
    return Table(cells, colWidths=[WIDTH * share for share in COLUMNS], style=STYLE, repeatRows=2)


def _cells(row: Line, fonts: FontSet) -> list[Any]:
    def text(words: str, ink: Ink = TEXT) -> TextBlock:
        return TextBlock(_shown(words, fonts), ink, fonts)

    known = [text(flag, FLAG) for flag in row.flags] + [text(note) for note in row.notes]
    return [
        text(row.time, NAME),
        [text(row.name, NAME), text(row.person)],
        [text(row.exam), text(row.accession)],
        text(row.state),
        known or text("nothing noted"),
    ]


def _shown(words: str, fonts: FontSet) -> str:
    """The words; a character that cannot be drawn as its number, so that it is seen to be missing."""
    lost = fonts.lost("".join(drawn_characters(words)))
    return "".join(f"[U+{ord(one):04X}]" if one in lost else one for one in words)
