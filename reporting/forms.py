"""What the report pane sends."""

from __future__ import annotations

import re

from django.http import QueryDict

from reporting.entries import FieldChanges
from ris.core.errors import InvalidInput

SECTION, FIELD, UNIT = "section-", "field-", "unit-"
BARE = re.compile(r"[+-]?[0-9.,]+")


def sections_of(data: QueryDict) -> dict[str, str]:
    """The texts by section key."""
    return {name.removeprefix(SECTION): str(data[name]) for name in data if name.startswith(SECTION)}


def fields_of(data: QueryDict) -> FieldChanges:
    """What happened to the fields: typed ones with the unit chosen beside them, left out ones, those taken in again."""
    texts = {name.removeprefix(FIELD): str(data[name]) for name in data if name.startswith(FIELD)}
    typed = {key: _with_unit(text.strip(), str(data.get(UNIT + key, ""))) for key, text in texts.items()}
    return FieldChanges(typed, frozenset(data.getlist("removed")), frozenset(data.getlist("restored")))


def _with_unit(text: str, unit: str) -> str:
    """A bare number takes the unit chosen beside it; one that was typed with its own keeps that."""
    return f"{text} {unit}" if unit and BARE.fullmatch(text) else text


def revision_of(data: QueryDict) -> int:
    """The revision that the writer saw; raises InvalidInput."""
    try:
        return int(data.get("revision", ""))
    except ValueError:
        raise InvalidInput("The page is out of date. Reload it.", fields={"revision": "A whole number."}) from None
