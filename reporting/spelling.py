"""In which language a browser checks the spelling of what is written: the `lang` of the text areas.

The pages are in English and say so; without a word of its own a German report would be underlined from end to end.
"""

from __future__ import annotations

from collections.abc import Iterable

from django import forms
from django.http import HttpRequest
from django.utils.translation.trans_real import parse_accept_lang_header

from reporting.proofreading.language import surely


def language_of_texts(request: HttpRequest, texts: Iterable[str]) -> str:
    """What the texts are written in, else what the browser asks for first, as `lang` has it; "" when neither tells."""
    return surely(" ".join(texts)) or _asked_for(request)


def spell(request: HttpRequest, form: forms.Form) -> None:
    """Give the form's text areas the language of what stands in them."""
    areas = {name: field.widget for name, field in form.fields.items() if "spellcheck" in field.widget.attrs}
    language = language_of_texts(request, (str(form[name].value() or "") for name in areas))
    for area in areas.values():
        area.attrs |= {"dir": "auto"} | ({"lang": language} if language else {})


def _asked_for(request: HttpRequest) -> str:
    asked = parse_accept_lang_header(request.headers.get("Accept-Language", ""))
    return next((tag for tag, _weight in asked if tag != "*"), "")
