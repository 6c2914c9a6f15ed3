"""Report to PDF: pure functions of frozen content, byte-identical for the same content."""

from reporting.render.content import ReportContent, ReportKind
from reporting.render.errors import DoesNotFit, FontUnusable, LostGlyph, RenderError
from reporting.render.pdf import render_pdf

__all__ = ["DoesNotFit", "FontUnusable", "LostGlyph", "RenderError", "ReportContent", "ReportKind", "render_pdf"]
