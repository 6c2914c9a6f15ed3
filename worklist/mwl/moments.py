"""Dates and times as a query writes them (PS3.5 §6.2 DA and TM; PS3.4 C.2.2.2.5 range matching)."""

from __future__ import annotations

import re
from datetime import date

from worklist.mwl.criteria import Span

DATE = re.compile(r"(\d{4})(\.?)(\d{2})\2(\d{2})")
TIME = re.compile(r"(\d{2})(?::?(\d{2})(?::?(\d{2})(?:\.(\d{1,6}))?)?)?")
LAST_MOMENT_OF_DAY = "235959.999999"


def date_span(text: str) -> Span:
    """The days asked for, as YYYYMMDD. Raises ValueError for what is no date."""
    low, dash, high = text.strip().partition("-")
    first, last = _day(low), _day(high if dash else low)
    if not first and not last:
        raise ValueError("a range needs at least one date")
    return Span(first, last, ranged=bool(dash))


def time_span(text: str) -> Span:
    """The times of day asked for, as HHMMSS.FFFFFF; 10 means all of the hour. Raises ValueError for no time."""
    low, dash, high = text.strip().partition("-")
    first, last = _earliest(low), _latest(high if dash else low)
    if not first and not last:
        raise ValueError("a range needs at least one time")
    return Span(first, last, ranged=bool(dash))


def combined(days: Span, times: Span) -> Span:
    """Two ranges are one period: from the first day's first time until the last day's last (Table K.6-1)."""
    low = days.low + (times.low or "000000") if days.low else ""
    high = days.high + (times.high or LAST_MOMENT_OF_DAY) if days.high else ""
    return Span(low, high, ranged=True)


def _day(text: str) -> str:
    """YYYYMMDD, or YYYY.MM.DD as devices before DICOM 3.0 write it."""
    if not text.strip():
        return ""
    found = DATE.fullmatch(text.strip())
    if found is None:
        raise ValueError("not a date")
    year, month, day = found.group(1), found.group(3), found.group(4)
    date(int(year), int(month), int(day))
    return year + month + day


def _parts(text: str) -> tuple[str, ...]:
    found = TIME.fullmatch(text.strip())
    if found is None:
        raise ValueError("not a time")
    parts = tuple(part or "" for part in found.groups())
    if int(parts[0]) > 23 or int(parts[1] or 0) > 59 or int(parts[2] or 0) > 60:
        raise ValueError("not a time of day")
    return parts


def _earliest(text: str) -> str:
    if not text.strip():
        return ""
    hour, minute, second, fraction = _parts(text)
    whole = hour + (minute or "00") + (second or "00")
    return f"{whole}.{fraction}" if fraction else whole


def _latest(text: str) -> str:
    if not text.strip():
        return ""
    hour, minute, second, fraction = _parts(text)
    return hour + (minute or "59") + (second or "59") + "." + fraction.ljust(6, "9")
