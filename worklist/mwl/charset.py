"""Text in a character set that the device can read (PS3.3 C.12.1.1.2).

What cannot be written is transliterated (é as e, ß as ss, ł as l, Иван as Ivan) rather than replaced by a question
mark, and only what even that cannot save becomes an underscore: a wildcard character must never stand in an answer.
"""

from __future__ import annotations

import unicodedata
from functools import cache
from typing import Final

from anyascii import anyascii
from pydicom.charset import python_encoding

UTF8: Final = "ISO_IR 192"
ASCII_TERMS: Final = frozenset({"", "ISO_IR 6", "ISO 2022 IR 6"})

# PS3.3 Tables C.12-2 to C.12-5: what each defined term can hold. A term with ISO 2022 stands beside others.
CHARACTER_SETS: Final = {
    "ISO_IR 6": "ASCII",
    "ISO_IR 100": "Latin 1, Western Europe",
    "ISO_IR 101": "Latin 2, Central Europe",
    "ISO_IR 109": "Latin 3, Southern Europe",
    "ISO_IR 110": "Latin 4, Northern Europe",
    "ISO_IR 148": "Latin 5, Turkish",
    "ISO_IR 144": "Cyrillic",
    "ISO_IR 127": "Arabic",
    "ISO_IR 126": "Greek",
    "ISO_IR 138": "Hebrew",
    "ISO_IR 166": "Thai",
    "ISO_IR 13": "Japanese, half-width katakana (JIS X 0201)",
    "ISO 2022 IR 13": "Japanese, half-width katakana, beside others",
    "ISO 2022 IR 87": "Japanese, kanji (JIS X 0208)",
    "ISO 2022 IR 159": "Japanese, supplementary kanji (JIS X 0212)",
    "ISO 2022 IR 149": "Korean (KS X 1001)",
    "ISO 2022 IR 58": "Chinese, simplified (GB 2312)",
    "GB18030": "Chinese (GB 18030)",
    "GBK": "Chinese, simplified (GBK)",
    "ISO_IR 192": "Unicode in UTF-8",
}
SINGLE_BYTE: Final = frozenset({"ISO_IR 13", "ISO 2022 IR 13"})
GB2312: Final = "ISO 2022 IR 58"
ESCAPES: Final = {"ISO 2022 IR 87": b"\x1b$B", "ISO 2022 IR 159": b"\x1b$(D"}

TRANSLITERATIONS: Final = {
    "ß": "ss", "ẞ": "SS", "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE", "ø": "o", "Ø": "O", "đ": "d", "Đ": "D",
    "ð": "d", "Ð": "D", "þ": "th", "Þ": "Th", "ł": "l", "Ł": "L", "ı": "i", "ĳ": "ij", "Ĳ": "IJ", "’": "'", "‘": "'",
    "“": '"', "”": '"', "–": "-", "—": "-", "…": "...", "№": "No", "€": "EUR", "µ": "u", "×": "x", "\u00a0": " ",
}  # fmt: skip
LOST: Final = "_"
UNWRITTEN: Final = frozenset({"Mn", "Mc", "Lo"})  # marks and bare vowel carriers, which romanisation leaves out
# What anyascii may write and DICOM reads as something else: a delimiter of values, components or groups, a wildcard.
SPECIAL: Final = str.maketrans(dict.fromkeys("\\^=*?", "-"))


def terms(profile: str) -> tuple[str, ...]:
    """The defined terms of a device's profile, written with backslashes; UTF-8 when it says nothing."""
    return tuple(profile.split("\\")) if profile else (UTF8,)


def is_known(charset: tuple[str, ...]) -> bool:
    """Whether every term is one of PS3.3 Table C.12-2 to C.12-5 that we can write."""
    return all(term in ASCII_TERMS or term in python_encoding for term in charset)


def fit(text: str, charset: tuple[str, ...], *, transliterate: bool = True) -> str:
    """`text` with each character that the set cannot hold replaced by its nearest."""
    if charset == (UTF8,) or text.isascii():
        return text
    letters = unicodedata.normalize("NFC", text)
    return "".join(_fitted(letter, charset, transliterate=transliterate) for letter in letters) or LOST


def holds(text: str, charset: tuple[str, ...]) -> bool:
    """Whether the set can write all of `text`."""
    return charset == (UTF8,) or all(_writable(letter, charset) for letter in unicodedata.normalize("NFC", text))


@cache
def _fitted(letter: str, charset: tuple[str, ...], *, transliterate: bool) -> str:
    if _writable(letter, charset):
        return letter
    if not transliterate:
        return LOST
    for nearest in (TRANSLITERATIONS.get(letter, ""), _without_accents(letter), anyascii(letter)):
        near = nearest.translate(SPECIAL)
        if near and all(_writable(part, charset) for part in near):
            return near
    return "" if unicodedata.category(letter) in UNWRITTEN else LOST


def _without_accents(letter: str) -> str:
    decomposed = unicodedata.normalize("NFKD", letter)
    return "".join(part for part in decomposed if not unicodedata.combining(part))


def _writable(letter: str, charset: tuple[str, ...]) -> bool:
    """Beside ASCII as the first term, a set is named by its escape sequence or not at all: no letter of Latin 1."""
    if letter.isascii():
        return True
    if GB2312 in charset:
        return _encodes(letter, GB2312)  # the one set in which such an answer is written
    if charset[0] in ASCII_TERMS and letter.encode("latin-1", "ignore"):
        return False
    return any(_encodes(letter, term) for term in charset if term not in ASCII_TERMS)


def _encodes(letter: str, term: str) -> bool:
    """Python's codecs write more than the term names: of Shift JIS only the half above ASCII is JIS X 0201, and
    ISO-2022-JP escapes to sets that the term is not about.
    """
    try:
        written = letter.encode(python_encoding[term])
    except UnicodeEncodeError:
        return False
    if term in SINGLE_BYTE:
        return len(written) == 1 and written >= b"\x80"
    return written.startswith(ESCAPES.get(term, b""))
