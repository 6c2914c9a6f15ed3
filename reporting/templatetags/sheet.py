"""The sheet of a signed version says its numbers as the paper does: `{% load sheet %}`."""

from __future__ import annotations

from typing import Any

from django import template

from reporting.document import rows_of, why_corrected
from reporting.render.content import MeasurementRow

register = template.Library()


@register.filter
def why(content: dict[str, Any]) -> str:
    """Of a correction: what was wrong, and what it changed beside the text."""
    return why_corrected(content)


@register.filter
def measured_rows(content: dict[str, Any]) -> tuple[MeasurementRow, ...]:
    return rows_of(content)
