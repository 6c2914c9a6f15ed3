"""Dates of birth as people type them. Pure.

Day before month, as most of the world writes it; month before day only where the other order is no date. A year of two
digits is of this century or the last; both are looked for when both are possible.
"""

from __future__ import annotations

import re
from datetime import date

MONTHS = {name: number for number, name in enumerate(
    ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), start=1
)}  # fmt: skip
OLDEST = 130

SEPARATED = re.compile(r"(?<![\w.])(\d{1,4})\s*[./\-\s]\s*(\d{1,2})\s*[./\-\s]\s*(\d{4}|\d{2})(?![\w])")
NAMED = re.compile(
    rf"(?<!\w)(\d{{1,2}})[.\s\-]*({'|'.join(MONTHS)})[a-z]*[.,\s\-]*(\d{{4}}|\d{{2}})(?!\w)", re.IGNORECASE
)
SOLID = re.compile(r"(?<![\w.\-/])(\d{8}|\d{6})(?![\w.\-/])")


def dates_in(text: str, today: date) -> tuple[list[date], str]:
    """Every date that `text` may mean, likeliest first, and the text without what was read as one."""
    for pattern, read in ((NAMED, _named), (SEPARATED, _separated), (SOLID, _solid)):
        for match in pattern.finditer(text):
            found = read(match, today)
            if found:
                return found, f"{text[: match.start()]} {text[match.end() :]}"
    return [], text


def _named(match: re.Match[str], today: date) -> list[date]:
    day, month, year = match.groups()
    return _possible([(full, MONTHS[month[:3].lower()], int(day)) for full in _years(year, today)], today)


def _separated(match: re.Match[str], today: date) -> list[date]:
    first, second, third = match.groups()
    if len(first) == 4:
        return _possible([(int(first), int(second), int(third))], today)
    if len(first) == 3:
        return []
    return _either_order(int(first), int(second), _years(third, today), today)


def _solid(match: re.Match[str], today: date) -> list[date]:
    """16041976, 19760416, 160476, and 760416 where that is no date."""
    digits = match.group()
    if len(digits) == 6:
        usual = _either_order(int(digits[:2]), int(digits[2:4]), _years(digits[4:], today), today)
        turned = [(year, int(digits[2:4]), int(digits[4:])) for year in _years(digits[:2], today)]
        return usual or _possible(turned, today)
    basic = _possible([(int(digits[:4]), int(digits[4:6]), int(digits[6:]))], today)
    return _either_order(int(digits[:2]), int(digits[2:4]), [int(digits[4:])], today) + basic


def _either_order(first: int, second: int, years: list[int], today: date) -> list[date]:
    usual = _possible([(year, second, first) for year in years], today)
    return usual or _possible([(year, first, second) for year in years], today)


def _years(digits: str, today: date) -> list[int]:
    if len(digits) == 4:
        return [int(digits)]
    century = today.year // 100 * 100
    return [century - 100 + int(digits), century + int(digits)]


def _possible(triples: list[tuple[int, int, int]], today: date) -> list[date]:
    found = []
    for year, month, day in triples:
        if today.year - OLDEST <= year <= today.year and 1 <= month <= 12 and 1 <= day <= _last_day(year, month):
            found.append(date(year, month, day))
    return [born for born in found if born <= today]


def _last_day(year: int, month: int) -> int:
    following = date(year + month // 12, month % 12 + 1, 1)
    return (following - date(year, month, 1)).days
