"""What was typed into the box, and how each database is asked for it. Pure.

`ground glass` asks for both words, `"ground glass"` for the phrase, `-tumour` for reports without the word, and a
word of four letters or more for all that begin so: `nodul` finds nodules. Chinese and Japanese are found wherever they
stand: `结节` finds 右肺上叶可见结节.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from reporting.finding.unspaced import bare, pieces
from reporting.proofreading.text import fold

PART = re.compile(r'(-?)(?:"([^"]*)"|(\S+))')
BEGINS_FROM = 4
MOST_WORDS = 16
# No word of a report has this beginning: it marks what a report is, not what it says.
MARK = "zz"


@dataclass(frozen=True, slots=True)
class Query:
    """Words that must stand there, phrases as tuples of words, and what must not."""

    wanted: tuple[tuple[str, ...], ...] = ()
    without: tuple[tuple[str, ...], ...] = ()

    @property
    def is_empty(self) -> bool:
        return not self.wanted


def words_of(text: str) -> list[str]:
    """The folded words of a text, as they stand in the index; Chinese and Japanese as `unspaced.pieces` has it."""
    return pieces(fold(text))


def read(text: str) -> Query:
    """The query of what was typed; signs that mean nothing are left out, never an error."""
    wanted: list[tuple[str, ...]] = []
    without: list[tuple[str, ...]] = []
    for minus, phrase, word in PART.findall(text):
        words = bare(words_of(phrase or word))
        if words:
            (without if minus else wanted).append(words)
    return Query(tuple(wanted[:MOST_WORDS]), tuple(without[:MOST_WORDS]))


def mark(kind: str, value: object) -> str:
    """The word that stands in the index for a fact: its site, modality, year, signer."""
    return f"{MARK}{kind}{value}".lower()


def fts5(query: Query, marks: Iterable[Iterable[str]], unless: Iterable[str]) -> str:
    """For SQLite's FTS5: each of `marks` is a choice, one of which must stand there; none of `unless` may."""
    parts = [" AND ".join(_fts5(words) for words in query.wanted)] if query.wanted else []
    parts += [f"({' OR '.join(choice)})" for choice in marks]
    asked = " AND ".join(parts)
    for words in [*query.without, *((word,) for word in unless)]:
        asked = f"({asked}) NOT {_fts5(words)}"
    return asked


def _fts5(words: tuple[str, ...]) -> str:
    phrase = f'"{" ".join(words)}"'
    return phrase + "*" if len(words) == 1 and _may_go_on(words[0]) else phrase


def tsquery(query: Query, marks: Iterable[Iterable[str]], unless: Iterable[str]) -> str:
    """For PostgreSQL's to_tsquery('simple', ...), as `fts5`."""
    parts = [_tsquery(words) for words in query.wanted]
    parts += [f"({' | '.join(choice)})" for choice in marks]
    parts += [f"!({_tsquery(words)})" for words in [*query.without, *((word,) for word in unless)]]
    return " & ".join(parts)


def _tsquery(words: tuple[str, ...]) -> str:
    if len(words) == 1:
        return words[0] + (":*" if _may_go_on(words[0]) else "")
    return f"({' <-> '.join(words)})"


def _may_go_on(word: str) -> bool:
    return len(word) >= BEGINS_FROM and not word.startswith(MARK) and not word.isdigit()
