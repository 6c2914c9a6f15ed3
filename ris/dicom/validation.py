"""What an administrator may write into a device's profile."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from pydicom.charset import python_encoding
from pydicom.datadict import tag_for_keyword

ALONE = frozenset({"ISO_IR 192", "GB18030", "GBK"})  # PS3.3 Table C.12-5
ASCII_TERMS = frozenset({"", "ISO_IR 6", "ISO 2022 IR 6"})


def check_charset(value: str) -> None:
    """Defined terms of PS3.3 C.12.1.1.2, divided by backslashes: what takes no other beside it stands alone."""
    terms = value.split("\\")
    unknown = [term for term in terms if term not in ASCII_TERMS and term not in python_encoding]
    if unknown:
        raise ValidationError(
            f"{unknown[0]!r} is no character set of DICOM, such as ISO_IR 100 or \\ISO 2022 IR 87.", code="charset"
        )
    if len(terms) > 1 and ALONE & set(terms):
        raise ValidationError("ISO_IR 192, GB18030 and GBK stand alone.", code="charset")


def check_max_lengths(value: object) -> None:
    """{"PatientName": 32}: keywords of the data dictionary, and how many characters the device holds."""
    if not isinstance(value, dict):
        raise ValidationError('Write keywords with their lengths, such as {"PatientName": 32}.', code="lengths")
    check_keywords(list(value))
    if not all(type(length) is int and 0 < length <= 10_240 for length in value.values()):
        raise ValidationError("A length is a whole number above 0.", code="lengths")


def check_keywords(value: object) -> None:
    """["PatientID"]: keywords of the data dictionary (PS3.6)."""
    if not isinstance(value, list):
        raise ValidationError('Write a list of keywords, such as ["PatientID"].', code="keywords")
    unknown = [word for word in value if not isinstance(word, str) or tag_for_keyword(word) is None]
    if unknown:
        raise ValidationError(f"{unknown[0]!r} is no keyword of DICOM, such as PatientID.", code="keywords")
