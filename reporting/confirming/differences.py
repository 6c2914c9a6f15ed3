"""What is different between two texts, word by word. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from reporting.sections import paired

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
    """Each section ({"key", "title", "text"}) that says something else, in the order of the new, dropped ones last."""
    old, new = paired(before, now)
    found = []
    for name, section in {**new, **{name: item for name, item in old.items() if name not in new}}.items():
        was, says = (side[name]["text"].strip() if name in side else "" for side in (old, new))
        if was != says:
            found.append(Difference(section["title"], tuple(pieces(was, says))))
    return found


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
