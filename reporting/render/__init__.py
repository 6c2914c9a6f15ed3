"""Report to PDF: pure functions of frozen content, byte-identical for the same content."""

from reporting.render.content import ReportContent, ReportKind
from reporting.render.pdf import render_pdf
from ris.core.typeset.errors import DoesNotFit, FontUnusable, LostGlyph, RenderError

__all__ = ["DoesNotFit", "FontUnusable", "LostGlyph", "RenderError", "ReportContent", "ReportKind", "render_pdf"]
