"""Where a person is written to: one way to write a number, and what cannot be used."""

from __future__ import annotations

import re

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

# ITU-T E.164: a country code and at most fifteen digits in all.
MOBILE = re.compile(r"\+[1-9][0-9]{6,14}")
BETWEEN = re.compile(r"[\s()/.\-]+")


def mobile_number(text: str) -> str:
    """The number as E.164 writes it, when it can be understood: +491701234567."""
    joined = BETWEEN.sub("", text)
    return f"+{joined[2:]}" if joined.startswith("00") else joined


def fault_of_mobile(text: str) -> str:
    if text.strip() and MOBILE.fullmatch(mobile_number(text)) is None:
        return "With the country code, and digits only: +49 170 1234567."
    return ""


def fault_of_email(text: str) -> str:
    try:
        validate_email(text.strip() or "nobody@example.org")
    except ValidationError:
        return "This is not an e-mail address."
    return ""
