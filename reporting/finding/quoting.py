"""The sentence of a report in which the words that were asked for stand, for the list of what was found. Pure."""

from __future__ import annotations

from typing import Any

from reporting.finding.query import Query
from reporting.finding.said import parts_of
from reporting.proofreading.text import fold, sentences

LONGEST = 240


def quote(content: dict[str, Any], query: Query) -> str:
    """The first sentence with the most of the words; the beginning of the report when none has any."""
    asked = {word for words in query.wanted for word in words}
    said = [one.text for title, text in parts_of(content) for one in sentences(title, text)]
    best = max(said, key=lambda text: _hits(text, asked), default="")
    return best if len(best) <= LONGEST else f"{best[:LONGEST].rsplit(' ', 1)[0]} …"


def _hits(text: str, asked: set[str]) -> int:
    folded = fold(text)
    return sum(word in folded for word in asked)
