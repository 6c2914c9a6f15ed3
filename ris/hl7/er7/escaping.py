"""Escape sequences (chapter 2.7): what would divide a message is written by a letter between escape characters.

Formatting becomes lines and blanks (2.7.6); what has no meaning in plain text (switching character sets by hand) is
kept as it came.
"""

from __future__ import annotations

import re
from functools import lru_cache

from ris.hl7.er7.delimiters import Delimiters

SILENT = ("H", "N")
FORMAT = re.compile(r"\.(br|sp|ce|sk|fi|nf|in|ti) ?[+-]?([0-9]{0,4})")
# What a command with a number writes; one without writes nothing: filling, indenting
WRITES = {"br": "\n", "sp": "\n", "ce": "\n", "sk": " "}
MOST = 10


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
        if command := FORMAT.fullmatch(name):
            return _of_command(command[1], command[2])
        return "" if name in SILENT else found[0]

    return _pattern(delimiters).sub(meant, text)


def _of_command(name: str, number: str) -> str:
    """Lines of .sp3 and blanks of .sk 2, at most MOST; a centred text begins a line."""
    times = int(number or 1) if name in {"sp", "sk"} else 1
    return WRITES.get(name, "") * min(times, MOST)


def _of_hexadecimal(text: str, mark: str, codec: str) -> str:
    digits = text.replace(mark, "").replace("X", "").replace("x", "")
    return bytes.fromhex(digits).decode(codec, errors="replace")
