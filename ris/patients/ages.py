"""Ages as a clinic says them: in days, weeks or months where years say nothing. Pure."""

from __future__ import annotations

from datetime import date

DAYS_UNTIL = 28
WEEKS_UNTIL_MONTHS = 3
MONTHS_UNTIL_YEARS = 2


def age_between(born: date, day: date) -> str:
    """Days below four weeks, weeks below three months, months below two years, then years; empty before birth."""
    days = (day - born).days
    if days < 0:
        return ""
    if days < DAYS_UNTIL:
        return f"{days} d"
    months = _months(born, day)
    if months < WEEKS_UNTIL_MONTHS:
        return f"{days // 7} wk"
    years = months // 12
    return f"{months} mo" if years < MONTHS_UNTIL_YEARS else f"{years} y"


def _months(born: date, day: date) -> int:
    """Whole months, the last one counted on its day."""
    return (day.year - born.year) * 12 + day.month - born.month - (day.day < born.day)
