"""Text that every database and every peer can hold."""

from __future__ import annotations

import re
from collections.abc import Mapping

from django.db import models

# PostgreSQL stores no NUL; a lone surrogate is no character and cannot be encoded.
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
LONGEST = 20_000


def fault_of_text(text: str, *, longest: int = LONGEST) -> str:
    """Why a text cannot be stored, or an empty string."""
    if UNSTORABLE.search(text):
        return "There is a character in it that cannot be stored."
    return f"At most {longest} characters." if len(text) > longest else ""


def faults_of_texts(model: type[models.Model], values: Mapping[str, object]) -> dict[str, str]:
    """{field: fault} for each text in `values` that its column of `model` cannot hold."""
    faults = {}
    for name, value in values.items():
        if isinstance(value, str):
            longest = getattr(model._meta.get_field(name), "max_length", None) or LONGEST
            faults[name] = fault_of_text(value, longest=longest)
    return {name: fault for name, fault in faults.items() if fault}


def plain_cell(value: object) -> object:
    """For a table that a spreadsheet opens: a text that it would run as a formula is quoted (CWE-1236)."""
    return f"'{value}" if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r")) else value


def said_once(word: str, text: str) -> str:
    """`word` before `text`, unless that begins with it: CT and "CT thorax" are "CT thorax"."""
    begins = text.casefold().split()[:1] == [word.casefold()]
    return text if begins else f"{word} {text}".strip()
