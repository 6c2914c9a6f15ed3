"""The sorted keys under which a person is found. Pure.

For each two words of a name, in both orders, "smith john"; the same with the first word cut to three letters, for those
who type the beginnings of both; and the date of birth before each word, "19760416 smith". A prefix of a key is a
contiguous range of the index, and a range of two words is short even where a million people are called Smith.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from itertools import permutations

from ris.patients.finding.sounds import sound_of
from ris.patients.finding.spelling import shortened
from ris.patients.names import folded

LONGEST_WORD = 64
MOST_WORDS = 6
CUT = 3
SHORTEST_PREFIX = 3
SOUND = "~"
# Greater than every character that a folded word can hold: where the range of a prefix ends.
LAST = "\U0010ffff"


def words_of(components: Iterable[str]) -> list[str]:
    """The folded words of name components, and each component of several words as one: O'Connor is also oconnor."""
    found: dict[str, None] = {}
    joined: dict[str, None] = {}
    for component in components:
        words = folded(component).split()
        found |= dict.fromkeys(words)
        if len(words) > 1:
            joined["".join(words)] = None
    return [word[:LONGEST_WORD] for word in (found | joined)][:MOST_WORDS]


def groups_of(alphabetic: Iterable[str], ideographic: str, phonetic: str) -> list[list[str]]:
    """The words of each group of a person name that has any."""
    groups = [words_of(alphabetic), words_of([ideographic]), words_of([phonetic])]
    return [words for words in groups if words]


def keys_of(groups: Iterable[list[str]], born: date | None) -> set[str]:
    """Every key of a person whose name has these groups of words (alphabetic, ideographic, phonetic)."""
    found: set[str] = set()
    for words in groups:
        found.update(words if len(words) == 1 else _pairs(words))
        if born is not None:
            found.update(f"{day_key(born)} {word}" for word in words)
    return found


def _pairs(words: list[str]) -> Iterator[str]:
    for first, second in permutations(words, 2):
        yield f"{first} {second}"
        yield f"{first[:CUT]} {second}"


def day_key(born: date) -> str:
    return f"{born.year:04}{born:%m%d}"


def variants_of(word: str) -> set[str]:
    """The strings under which a word is found by slip or by sound."""
    sound = sound_of(word)
    return shortened(word) | ({SOUND + sound} if sound else set())


def number_key(text: str) -> str:
    """A patient number without blanks, dashes and case: "N-00 12" is n0012."""
    return folded(text).replace(" ", "")
