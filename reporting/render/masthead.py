"""What stands at the head of every page: the site, whose report it is, which page of how many.

Wrong patient is the worst error a report can make, so no page can be read without the identity on it.
"""

from __future__ import annotations

from io import BytesIO
from typing import Any

from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, Image, Spacer, Table

from reporting.render.content import ReportContent
from reporting.render.words import words
from ris.core.typeset.blocks import (
    ACCENT,
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
from ris.core.typeset.fonts import FontSet

PAGE_NUMBER_WIDTH = 100.0
LOGO_HEIGHT, LOGO_WIDTH = 40.0, 200.0

SITE = Ink(15, 19, ACCENT, "bold")
SITE_AGAIN = Ink(8, 11, ACCENT, "bold")
NOTICE = Ink(9, 12.5, WARNING, "bold")
IDENTITY_COLUMNS = (0.19, 0.17, 0.36, 0.28)


class PageNumber(Flowable):
    """The place of 'Page 2 of 5'; what stands there is drawn once the last page is known."""

    def wrap(self, width: float, height: float) -> tuple[float, float]:
        self.width, self.height = width, SMALL.leading
        return self.width, self.height

    def draw(self) -> None:
        self.canv.doForm(_page_form(self.canv.getPageNumber()))


def draw_page_numbers(canvas: Canvas, pages: int, content: ReportContent, fonts: FontSet) -> None:
    """Fill in the number of every page, now that the total is known."""
    labels = words(content.language)
    for number in range(1, pages + 1):
        text = f"{labels.page} {number} {labels.of} {pages}"
        block = TextBlock(text, SMALL, fonts, align="right")
        block.wrap(PAGE_NUMBER_WIDTH, SMALL.leading)
        canvas.beginForm(_page_form(number), 0, 0, PAGE_NUMBER_WIDTH, SMALL.leading)
        block.drawOn(canvas, 0, 0)
        canvas.endForm()


def _page_form(number: int) -> str:
    return f"page-number-{number}"


def masthead(content: ReportContent, fonts: FontSet, width: float, *, first: bool) -> list[Any]:
    """The flowables at the head of a page; the letterhead is large on the first page only."""
    site = _letterhead(content, fonts, width) if first else _site_again(content, fonts, width)
    parts = [*site, _identity(content, fonts, width)]
    notice = words(content.language).notices.get(content.kind)
    if notice:
        parts += [Spacer(0, 5), _notice(notice, fonts, width)]
    return [*parts, Spacer(0, 12)]


def _letterhead(content: ReportContent, fonts: FontSet, width: float) -> list[Any]:
    phone = [f"{words(content.language).phone} {content.site.phone}"] if content.site.phone else []
    address = TextBlock("\n".join([*content.site.address_lines, *phone]), FINE, fonts, align="right")
    name = [*_logo(content.site.logo), TextBlock(content.site.name, SITE, fonts)]
    style = [*TIGHT, ("VALIGN", (0, 0), (-1, -1), "BOTTOM")]
    table = Table([[name, address]], colWidths=[width * 0.54, width * 0.46], style=style)
    return [table, Spacer(0, 5), Rule(ACCENT, 1.4, 8)]


def _logo(picture: bytes) -> list[Any]:
    """At most as high and as wide as the letterhead bears."""
    if not picture:
        return []
    columns, rows = ImageReader(BytesIO(picture)).getSize()
    scale = min(LOGO_HEIGHT / rows, LOGO_WIDTH / columns)
    image = Image(BytesIO(picture), width=columns * scale, height=rows * scale)
    image.hAlign = "LEFT"
    return [image, Spacer(0, 4)]


def _site_again(content: ReportContent, fonts: FontSet, width: float) -> list[Any]:
    return [TextBlock(content.site.name, SITE_AGAIN, fonts), Rule(ACCENT, 0.8, 6)]


def _identity(content: ReportContent, fonts: FontSet, width: float) -> Table:
    labels, patient = words(content.language), content.patient
    inner = width - 20
    name = [TextBlock(labels.patient, LABEL, fonts), TextBlock(patient.display_name, NAME, fonts)]
    upper = Table([[name, PageNumber()]], colWidths=[inner - PAGE_NUMBER_WIDTH, PAGE_NUMBER_WIDTH], style=TIGHT)
    born = patient.birth_date.isoformat() if patient.birth_date else ""
    identifier = f"{patient.patient_id} ({patient.issuer})" if patient.issuer else patient.patient_id
    fields = [
        stacked(labels.born, born, fonts),
        stacked(labels.sex, labels.sexes.get(patient.sex, patient.sex), fonts),
        stacked(labels.patient_id, identifier, fonts),
        stacked(labels.accession, ", ".join(content.exam.accession_numbers), fonts),
    ]
    lower = Table([fields], colWidths=[inner * share for share in IDENTITY_COLUMNS], style=TIGHT)
    return Table([[[upper, Spacer(0, 4), lower]]], colWidths=[width], style=panel(PANEL, HAIRLINE))


def _notice(notice: str, fonts: FontSet, width: float) -> Table:
    return Table([[TextBlock(notice, NOTICE, fonts)]], colWidths=[width], style=panel(WARNING_PANEL, WARNING))
