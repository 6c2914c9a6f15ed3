"""Single elements of a foreign dataset, read so that a malformed one is absent instead of an exception."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset

from reporting.sr.codes import Code, code
from reporting.sr.errors import MALFORMED
from reporting.sr.limits import MAX_SHORT

CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x80-\x9f]")
LINE_END = re.compile(r"\r\n?")


def value(dataset: Dataset, keyword: str) -> Any:
    """The element's value, or None when it is absent, empty or breaks the rules of its VR."""
    try:
        found = dataset.get(keyword)
    except MALFORMED:
        return None
    return None if found in ("", b"") else found


def text(dataset: Dataset, keyword: str) -> str:
    """The value as plain text, without control characters; "" when there is none."""
    found = value(dataset, keyword)
    return "" if found is None else clean(str(found))


def short(dataset: Dataset, keyword: str) -> str:
    """As `text`, for what is a line at most: a name, an identifier, a code."""
    return text(dataset, keyword)[:MAX_SHORT]


def clean(written: str) -> str:
    return CONTROL.sub("", LINE_END.sub("\n", written)).strip()


def items(dataset: Dataset, keyword: str) -> Sequence[Dataset]:
    """The items of a sequence; none when it is absent or is no sequence at all."""
    found = value(dataset, keyword)
    if found is None or not hasattr(found, "__iter__") or isinstance(found, str):
        return []
    try:
        return [item for item in found if isinstance(item, Dataset)]
    except MALFORMED:
        return []


def first_item(dataset: Dataset, keyword: str) -> Dataset | None:
    found = items(dataset, keyword)
    return found[0] if found else None


def decimal_text(dataset: Dataset, keyword: str) -> str:
    """A DS or IS exactly as it was written, before pydicom makes a number of it."""
    try:
        element = dataset.get_item(keyword)
    except MALFORMED:
        return ""
    written = element.value if element is not None else None
    if isinstance(element, RawDataElement) and isinstance(written, bytes):
        written = written.decode("ascii", "replace").strip("\0 ")
    return "" if written is None else str(written).strip()


def numbers(dataset: Dataset, keyword: str) -> list[float]:
    """All values of a numeric element as floats, or [] when one of them is no number."""
    found = value(dataset, keyword)
    if found is None:
        return []
    try:
        return [float(part) for part in ([found] if isinstance(found, str | int | float) else found)]
    except MALFORMED:
        return []


def concept(dataset: Dataset, keyword: str) -> Code | None:
    """The first code of a code sequence (PS3.3 §8.8); long and URN code values count too."""
    item = first_item(dataset, keyword)
    if item is None:
        return None
    coded = short(item, "CodeValue") or short(item, "LongCodeValue") or short(item, "URNCodeValue")
    meaning = short(item, "CodeMeaning")
    if not coded and not meaning:
        return None
    return code(short(item, "CodingSchemeDesignator"), coded, meaning)
