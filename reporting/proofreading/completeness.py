"""What was left out: an impression without words, a placeholder that nobody filled, a dictation that nobody checked."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from reporting.proofreading.facts import Case, Doubt, Part

# "[side]", "{size}", "___", "***"; not "[1]", which cites.
PLACEHOLDER = re.compile(r"\[[^\[\]\n]*[^\W\d_][^\[\]\n]*\]|\{[^{}\n]*[^\W\d_][^{}\n]*\}|_{3,}|\*{3,}")


def unfilled(parts: Iterable[Part]) -> Iterator[Doubt]:
    """Each placeholder that still stands in the text."""
    for part in parts:
        for found in PLACEHOLDER.finditer(part.text):
            yield Doubt("placeholder", part.key, found.group(), f"“{found.group()}” in {part.title} is not filled in.")


def empty(parts: Iterable[Part]) -> Iterator[Doubt]:
    """Impressions that say nothing."""
    for part in parts:
        if part.role == "impression" and not part.text.strip():
            yield Doubt("empty", part.key, "", f"{part.title} is empty.")


def dictated(parts: Iterable[Part], case: Case) -> Iterator[Doubt]:
    """Sections whose dictation is not typed yet, or was typed by somebody else and not checked."""
    for part in parts:
        if part.key in case.untyped:
            yield Doubt("untyped", part.key, "", f"A dictation of {part.title} is not typed yet.")
        if part.key in case.unchecked:
            words = f"{part.title} has text that was typed from your dictation. Read it and press Checked."
            yield Doubt("transcript", part.key, "", words)
