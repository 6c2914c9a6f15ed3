"""The sheet of a signed version says its numbers as the paper does: `{% load sheet %}`."""

from __future__ import annotations

from typing import Any

from django import template

from reporting.document import corrections_of, rows_of, why_corrected
from reporting.render.content import MeasurementRow, Section

register = template.Library()


@register.filter
def why(content: dict[str, Any]) -> str:
    """Of a correction: what was wrong, and what it changed beside the text."""
    return why_corrected(content)


@register.filter
def corrections(content: dict[str, Any]) -> list[Section]:
    """Those below this version, newest first, as the paper says them."""
    return corrections_of(content)


@register.filter
def measured_rows(content: dict[str, Any]) -> tuple[MeasurementRow, ...]:
    return rows_of(content)
