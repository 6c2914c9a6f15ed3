"""In which language a text area is written: `{% load spelling %}<textarea{% spelling sections %}>`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django import template
from django.template.context import RequestContext
from django.utils.html import format_html
from django.utils.safestring import SafeString

from reporting.spelling import language_of_texts

register = template.Library()


@register.simple_tag(takes_context=True)
def spelling(context: RequestContext, rows: Iterable[Any], key: str = "text") -> SafeString:
    """The attributes for one language of all `rows`, whose text stands under `key`."""
    texts = (row[key] if isinstance(row, Mapping) else getattr(row, key) for row in rows)
    language = language_of_texts(context["request"], map(str, texts))
    checked = format_html(' lang="{}"', language) if language else SafeString()
    return format_html('{} dir="auto" spellcheck="true"', checked)
