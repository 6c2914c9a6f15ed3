"""An age is said in the unit that says something."""

from __future__ import annotations

from datetime import date

import pytest

from ris.patients.ages import age_between

DAY = date(2026, 3, 31)


@pytest.mark.parametrize(
    ("born", "age"),
    [
        (date(2026, 3, 31), "0 d"), (date(2026, 3, 4), "27 d"), (date(2026, 3, 3), "4 wk"), (date(2026, 1, 1), "12 wk"),
        (date(2025, 12, 31), "3 mo"), (date(2024, 4, 1), "23 mo"), (date(2024, 3, 31), "2 y"),
        (date(1961, 4, 1), "64 y"), (date(1961, 3, 31), "65 y"), (date(2026, 4, 1), ""),
    ],
)  # fmt: skip
def test_days_then_weeks_then_months_then_years(born: date, age: str) -> None:
    assert age_between(born, DAY) == age
