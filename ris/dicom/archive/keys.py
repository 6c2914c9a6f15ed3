"""The guard before every search: a key matches exactly one value or is not sent.

Orthanc 1.10.1 answers an unknown key, an empty key or a wildcard with far more than was asked, up to the whole
archive; so a key that could widen a search is refused here and never leaves the house.
"""

from __future__ import annotations

import unicodedata
from datetime import date

from ris.core.identifiers import is_uid
from ris.dicom.archive.errors import InvalidKey

KEY_MAX = 64
LIMIT_MAX = 500
# * and ? are wildcards, \ and , separate list values, % starts an escape (PS3.4 §C.2.2.2, PS3.18 §8.3.4)
WIDENING = frozenset('*?\\,%"')


def uid_key(value: str) -> str:
    """A UID, or InvalidKey."""
    if not is_uid(value):
        raise InvalidKey("This is not a DICOM UID.")
    return value


def text_key(value: str) -> str:
    """An accession number or patient ID that matches only itself, or InvalidKey."""
    if not value or value != value.strip() or len(value) > KEY_MAX:
        raise InvalidKey("A search value must have 1 to 64 characters and no blanks around it.")
    if any(char in WIDENING or unicodedata.category(char).startswith("C") for char in value):
        raise InvalidKey('A search value must not contain any of * ? \\ , % " or control characters.')
    return value


def date_range_key(first: date, last: date) -> str:
    """A closed range of days, in DICOM form."""
    if last < first:
        raise InvalidKey("The range of dates ends before it begins.")
    return f"{first:%Y%m%d}" if first == last else f"{first:%Y%m%d}-{last:%Y%m%d}"


def limit(value: int) -> int:
    """How many rows may come back: 1 to LIMIT_MAX (Orthanc takes 0 for "all")."""
    if not 1 <= value <= LIMIT_MAX:
        raise InvalidKey(f"A search must be limited to 1 to {LIMIT_MAX} rows.")
    return value
