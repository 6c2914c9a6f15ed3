"""What is different between two texts, word by word. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

PIECE = re.compile(r"\s+|[^\s]+")


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text: "same", "gone" or "new"."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Difference:
    """A section whose text is not the same any more."""

    title: str
    pieces: tuple[Piece, ...]


def differences(before: Sequence[Mapping[str, str]], now: Sequence[Mapping[str, str]]) -> list[Difference]:
    """Each section ({"title", "text"}) that says something else, in the order of the new ones, dropped ones last."""
    old, new = ({item["title"]: item["text"].strip() for item in sections} for sections in (before, now))
    titles = [*new, *(title for title in old if title not in new)]
    changed = [title for title in titles if old.get(title, "") != new.get(title, "")]
    return [Difference(title, tuple(pieces(old.get(title, ""), new.get(title, "")))) for title in changed]


def pieces(before: str, now: str) -> Iterator[Piece]:
    """The two texts as one: words that stayed, that went, that came."""
    old, new = PIECE.findall(before), PIECE.findall(now)
    for tag, start, end, begin, stop in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            yield Piece("same", "".join(old[start:end]))
            continue
        if end > start:
            yield Piece("gone", "".join(old[start:end]))
        if stop > begin:
            yield Piece("new", "".join(new[begin:stop]))
