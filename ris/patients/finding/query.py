"""What a line typed into the search box asks for. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from ris.patients.finding.dates import dates_in
from ris.patients.finding.keys import LONGEST_WORD, MOST_WORDS, number_key
from ris.patients.names import folded

LONGEST_TEXT = 120
SHORTEST_NUMBER = 3


@dataclass(frozen=True, slots=True)
class Query:
    """`number` is the whole line as a patient number; `numbers` its words that hold a digit; `words` the others."""

    number: str
    numbers: tuple[str, ...]
    words: tuple[str, ...]
    dates: tuple[date, ...]

    @property
    def is_empty(self) -> bool:
        return not (self.number or self.words)


def read(text: str, today: date) -> Query:
    """Take a line apart: a date of birth wherever it stands, words of names, pieces of numbers."""
    line = text.replace("\x00", " ")[:LONGEST_TEXT]
    dates, rest = dates_in(line, today)
    pieces = [word for piece in rest.split() for word in _words(piece)]
    numbers = [piece for piece in pieces if any(map(str.isdigit, piece))]
    words = [piece[:LONGEST_WORD] for piece in pieces if piece not in numbers]
    return Query(
        number_key(line), tuple(dict.fromkeys(numbers)), tuple(dict.fromkeys(words))[:MOST_WORDS], tuple(dates)
    )


def _words(piece: str) -> list[str]:
    """N-00-12 stays one number; Garcia-Lopez is two words."""
    return [number_key(piece)] if any(map(str.isdigit, piece)) else folded(piece).split()
