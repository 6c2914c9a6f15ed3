"""One report version as PDF bytes: the same content always gives the same bytes."""

from __future__ import annotations

from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any

from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, Frame, PageTemplate
from reportlab.platypus.doctemplate import LayoutError

from reporting.render.body import body
from reporting.render.canvas import ReportCanvas
from reporting.render.content import ReportContent
from reporting.render.masthead import masthead
from reporting.render.seal import signature_block
from reporting.render.words import words
from ris.core.typeset.blocks import FINE, STAMP, TextBlock
from ris.core.typeset.errors import DoesNotFit
from ris.core.typeset.fonts import BASE_FONT, FontSet, drawing, font_set
from ris.core.typeset.guard import refuse_lost_glyphs

PAGE_WIDTH, PAGE_HEIGHT = A4
SIDE, TOP, BOTTOM = 48.0, 36.0, 42.0
WIDTH = PAGE_WIDTH - 2 * SIDE
MAX_HEAD = PAGE_HEIGHT * 0.5


def render_pdf(content: ReportContent, *, extra_fonts: tuple[Path, ...] = ()) -> bytes:
    """The A4 PDF of one report version, every font embedded.

    `extra_fonts` are TrueType files tried after DejaVu, for instance a CJK font. Raises LostGlyph before
    anything is drawn when a character has no glyph, DoesNotFit when identity or signature text is too long
    for its place, FontUnusable when an extra font cannot be embedded.
    """
    fonts = font_set(extra_fonts)
    refuse_lost_glyphs(content, fonts)
    with drawing:
        return _drawn(content, fonts)


def _drawn(content: ReportContent, fonts: FontSet) -> bytes:
    target = BytesIO()
    document = BaseDocTemplate(
        target,
        pagesize=A4,
        invariant=1,
        pageCompression=1,
        initialFontName=BASE_FONT,
        lang=content.language,
    )
    document.addPageTemplates([_page(content, fonts, first=True), _page(content, fonts, first=False)])
    story = [*body(content, fonts, WIDTH), *signature_block(content, fonts, WIDTH)]
    try:
        document.build(story, canvasmaker=partial(ReportCanvas, content=content, fonts=fonts))
    except LayoutError as reason:
        raise DoesNotFit("A block of the report is longer than a page and cannot be broken.") from reason
    return target.getvalue()


def _page(content: ReportContent, fonts: FontSet, *, first: bool) -> PageTemplate:
    """A page with its head drawn and its frame below; the second template serves all further pages."""
    height = _height_of(masthead(content, fonts, WIDTH, first=first))
    frame = Frame(SIDE, BOTTOM, WIDTH, PAGE_HEIGHT - TOP - height - BOTTOM, 0, 0, 0, 0)

    def furnish(canvas: Canvas, _document: object) -> None:
        _draw_stamp(canvas, content, fonts)
        _draw_head(canvas, content, fonts, first=first)
        _draw_foot(canvas, content, fonts)

    return PageTemplate(id="first" if first else "later", frames=[frame], onPage=furnish, autoNextPageTemplate="later")


def _height_of(parts: list[Any]) -> float:
    height = sum(part.wrap(WIDTH, PAGE_HEIGHT)[1] for part in parts)
    if height > MAX_HEAD:
        raise DoesNotFit("The patient's identity or the site's address does not fit the head of a page.")
    return float(height)


def _draw_head(canvas: Canvas, content: ReportContent, fonts: FontSet, *, first: bool) -> None:
    y = PAGE_HEIGHT - TOP
    for part in masthead(content, fonts, WIDTH, first=first):
        y -= part.wrapOn(canvas, WIDTH, PAGE_HEIGHT)[1]
        part.drawOn(canvas, SIDE, y)


def _draw_foot(canvas: Canvas, content: ReportContent, fonts: FontSet) -> None:
    labels = words(content.language)
    version = f"{labels.kinds[content.kind]} · {labels.version} {content.version_number}"
    block = TextBlock(f"{content.site.name} · {version}", FINE, fonts)
    _, height = block.wrap(WIDTH, BOTTOM)
    block.drawOn(canvas, SIDE, BOTTOM - 8 - height)


def _draw_stamp(canvas: Canvas, content: ReportContent, fonts: FontSet) -> None:
    """The word across the page that tells a draft, preliminary or withdrawn report from a final one."""
    stamp = words(content.language).stamps.get(content.kind)
    if stamp is None:
        return
    size = min(92.0, 560 / fonts.width(stamp, "bold", 1))
    canvas.saveState()
    canvas.translate(PAGE_WIDTH / 2, PAGE_HEIGHT * 0.4)
    canvas.rotate(52)
    canvas.setFillColor(STAMP)
    canvas.setFont("Report-DejaVuSans-Bold.ttf", size)
    canvas.drawCentredString(0, -size / 3, stamp)
    canvas.restoreState()
