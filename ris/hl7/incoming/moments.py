"""HL7's dates and times (v2.5.1 2.A.22, 2.A.13). Pure."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo

TIMESTAMP = re.compile(r"(\d{8})(?:(\d{2})(\d{2})?(\d{2})?(?:\.\d{1,4})?)?([+-]\d{4})?", re.ASCII)


class BadMoment(ValueError):
    """This is no date or time of HL7."""


def day_of(text: str) -> date | None:
    """The day; None where only a year or a month is known. Raises BadMoment."""
    if re.fullmatch(r"\d{4}(\d{2})?", text, re.ASCII):
        return None
    return _found(text).date()


def moment_of(text: str, zone: tzinfo) -> datetime:
    """The instant in UTC; local times without an offset are of `zone`. Raises BadMoment."""
    try:
        return _found(text, zone).astimezone(UTC)
    except OverflowError:
        raise BadMoment("no year that is counted in UTC") from None


def _found(text: str, zone: tzinfo = UTC) -> datetime:
    match = TIMESTAMP.fullmatch(text)
    if match is None:
        raise BadMoment("not YYYYMMDDHHMMSS")
    day, hour, minute, second, offset = match.groups()
    try:
        found = datetime.strptime(f"{day}{hour or '00'}{minute or '00'}{second or '00'}", "%Y%m%d%H%M%S")  # noqa: DTZ007
    except ValueError:
        raise BadMoment("no such day or time") from None
    return found.replace(tzinfo=_offset(offset) if offset else zone)


def _offset(text: str) -> tzinfo:
    minutes = int(text[1:3]) * 60 + int(text[3:])
    if minutes >= 24 * 60:
        raise BadMoment("no such offset")
    return timezone(timedelta(minutes=minutes if text[0] == "+" else -minutes))
