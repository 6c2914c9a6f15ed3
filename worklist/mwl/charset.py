"""Text in a character set that the device can read (PS3.3 C.12.1.1.2).

What cannot be written is transliterated (é as e, ß as ss, ł as l) rather than replaced by a question mark, and only
what even that cannot save becomes an underscore: a wildcard character must never stand in an answer.
"""

from __future__ import annotations

import unicodedata
from functools import cache
from typing import Final

from pydicom.charset import python_encoding

UTF8: Final = "ISO_IR 192"
ASCII_TERMS: Final = frozenset({"", "ISO_IR 6", "ISO 2022 IR 6"})
TRANSLITERATIONS: Final = {
    "ß": "ss", "ẞ": "SS", "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE", "ø": "o", "Ø": "O", "đ": "d", "Đ": "D",
    "ð": "d", "Ð": "D", "þ": "th", "Þ": "Th", "ł": "l", "Ł": "L", "ı": "i", "ĳ": "ij", "Ĳ": "IJ", "’": "'", "‘": "'",
    "“": '"', "”": '"', "–": "-", "—": "-", "…": "...", "№": "No", "€": "EUR", "µ": "u", "×": "x", "\u00a0": " ",
}  # fmt: skip
LOST: Final = "_"


def terms(profile: str) -> tuple[str, ...]:
    """The defined terms of a device's profile, written with backslashes; UTF-8 when it says nothing."""
    return tuple(profile.split("\\")) if profile else (UTF8,)


def is_known(charset: tuple[str, ...]) -> bool:
    """Whether every term is one of PS3.3 Table C.12-2 to C.12-5 that we can write."""
    return all(term in ASCII_TERMS or term in python_encoding for term in charset)


def fit(text: str, charset: tuple[str, ...]) -> str:
    """`text` with each character that the set cannot hold replaced by its nearest."""
    if charset == (UTF8,) or text.isascii():
        return text
    return "".join(_fitted(letter, charset) for letter in unicodedata.normalize("NFC", text))


@cache
def _fitted(letter: str, charset: tuple[str, ...]) -> str:
    if _writable(letter, charset):
        return letter
    near = TRANSLITERATIONS.get(letter) or _without_accents(letter)
    return near if near and all(_writable(part, charset) for part in near) else LOST


def _without_accents(letter: str) -> str:
    decomposed = unicodedata.normalize("NFKD", letter)
    return "".join(part for part in decomposed if not unicodedata.combining(part))


def _writable(letter: str, charset: tuple[str, ...]) -> bool:
    return letter.isascii() or any(_encodes(letter, term) for term in charset if term not in ASCII_TERMS)


def _encodes(letter: str, term: str) -> bool:
    try:
        letter.encode(python_encoding[term])
    except UnicodeEncodeError:
        return False
    return True
