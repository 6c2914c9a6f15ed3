"""Escape sequences (chapter 2.7): what would divide a message is written by a letter between escape characters.

What has no meaning in plain text (highlighting, switching character sets by hand) is kept as it came.
"""

from __future__ import annotations

import re
from functools import lru_cache

from ris.hl7.er7.delimiters import Delimiters

LINE_BREAKS = (".br", ".sp")
SILENT = ("H", "N")


@lru_cache(maxsize=64)
def _written(delimiters: Delimiters) -> dict[int, str]:
    mark = delimiters.escape
    table = {ord(char): f"{mark}{letter}{mark}" for letter, char in delimiters.letters.items()}
    control = {number: f"{mark}X{number:02X}{mark}" for number in range(0x20) if number != 0x09}
    return control | {ord("\n"): f"{mark}.br{mark}"} | table


def escape(text: str, delimiters: Delimiters) -> str:
    """The text as it may stand in a message; a line feed becomes .br."""
    return text.translate(_written(delimiters))


@lru_cache(maxsize=64)
def _pattern(delimiters: Delimiters) -> re.Pattern[str]:
    mark = re.escape(delimiters.escape)
    hexadecimal = rf"(?:{mark}X(?:[0-9A-Fa-f]{{2}})+{mark})+"
    return re.compile(rf"({hexadecimal})|{mark}([^{mark}\r\n]{{0,40}}){mark}")


def unescape(text: str, delimiters: Delimiters, codec: str = "utf-8") -> str:
    """What the text says. `codec` decodes the bytes of \\Xdd..\\, of which several in a row may be one character."""
    if delimiters.escape not in text:
        return text

    def meant(found: re.Match[str]) -> str:
        if found[1] is not None:
            return _of_hexadecimal(found[1], delimiters.escape, codec)
        name = found[2]
        if name in delimiters.letters:
            return delimiters.letters[name]
        if name in LINE_BREAKS:
            return "\n"
        return "" if name in SILENT else found[0]

    return _pattern(delimiters).sub(meant, text)


def _of_hexadecimal(text: str, mark: str, codec: str) -> str:
    digits = text.replace(mark, "").replace("X", "").replace("x", "")
    return bytes.fromhex(digits).decode(codec, errors="replace")
