"""Single elements of a foreign dataset, read so that a malformed one is absent instead of an exception."""

from __future__ import annotations

import re
from collections.abc import Sequence

from reporting.sr.codes import Code, code
from reporting.sr.errors import MALFORMED
from reporting.sr.item import Item
from reporting.sr.limits import MAX_SHORT

CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x80-\x9f]")
LINE_END = re.compile(r"\r\n?")


def text(dataset: Item, keyword: str) -> str:
    """The value as plain text, without control characters; "" when there is none."""
    return clean("\\".join(str(one) for one in _values(dataset, keyword)))


def _values(dataset: Item, keyword: str) -> list[str] | list[float]:
    """All values, or [] when the element is absent, empty or breaks the rules of its VR."""
    try:
        return dataset.values(keyword)
    except MALFORMED:
        return []


def short(dataset: Item, keyword: str) -> str:
    """As `text`, for what is a line at most: a name, an identifier, a code."""
    return text(dataset, keyword)[:MAX_SHORT]


def clean(written: str) -> str:
    return CONTROL.sub("", LINE_END.sub("\n", written)).strip()


def items(dataset: Item, keyword: str) -> Sequence[Item]:
    """The items of a sequence; none when it is absent or is no sequence at all."""
    return dataset.items(keyword)


def first_item(dataset: Item, keyword: str) -> Item | None:
    found = items(dataset, keyword)
    return found[0] if found else None


def decimal_text(dataset: Item, keyword: str) -> str:
    """A DS or IS exactly as it was written."""
    return "\\".join(str(one) for one in _values(dataset, keyword)).strip("\0 ")


def numbers(dataset: Item, keyword: str) -> list[float]:
    """All values of a numeric element as floats, or [] when one of them is no number."""
    try:
        return [float(one) for one in _values(dataset, keyword)]
    except ValueError:
        return []


def concept(dataset: Item, keyword: str) -> Code | None:
    """The first code of a code sequence (PS3.3 §8.8); long and URN code values count too."""
    item = first_item(dataset, keyword)
    if item is None:
        return None
    coded = short(item, "CodeValue") or short(item, "LongCodeValue") or short(item, "URNCodeValue")
    meaning = short(item, "CodeMeaning")
    if not coded and not meaning:
        return None
    return code(short(item, "CodingSchemeDesignator"), coded, meaning)
