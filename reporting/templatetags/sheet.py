"""The sheet of a signed version says its numbers as the paper does: `{% load sheet %}`."""

from __future__ import annotations

from typing import Any

from django import template

from reporting.document import rows_of
from reporting.render.content import MeasurementRow

register = template.Library()


@register.filter
def measured_rows(content: dict[str, Any]) -> tuple[MeasurementRow, ...]:
    return rows_of(content)
