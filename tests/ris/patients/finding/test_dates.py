"""A date of birth is read in the ways people type it."""

from __future__ import annotations

from datetime import date

import pytest

from ris.patients.finding.dates import dates_in

TODAY = date(2026, 8, 1)
BORN = date(1976, 4, 16)


@pytest.mark.parametrize(
    "text",
    [
        "16041976", "19760416", "160476", "760416", "16/4/76", "16.4.1976", "16. 4. 1976", "16-04-1976", "1976-04-16",
        "1976/4/16", "16 4 1976", "04/16/1976", "16 apr 1976", "16 April 76", "16apr1976", "16-Apr-1976",
    ],
)  # fmt: skip
def test_one_birthday_in_every_way_it_is_typed(text: str) -> None:
    assert dates_in(text, TODAY) == ([BORN], " ")


def test_a_date_is_found_among_names_and_taken_out() -> None:
    found, rest = dates_in("Smith 16/4/76 John", TODAY)
    assert found == [BORN]
    assert rest.split() == ["Smith", "John"]


def test_day_comes_before_month_where_both_orders_are_dates() -> None:
    assert dates_in("2/3/1976", TODAY)[0] == [date(1976, 3, 2)]


def test_a_year_of_two_digits_may_be_of_either_century() -> None:
    assert dates_in("1.2.03", TODAY)[0] == [date(1903, 2, 1), date(2003, 2, 1)]


@pytest.mark.parametrize(
    "text",
    ["31.2.1976", "1.1.2030", "12345678", "NORTH0000012", "north-00-12-76", "16.4.", "1.1.1800", "29.2.1977", ""],
)
def test_what_is_no_birthday_is_left_alone(text: str) -> None:
    assert dates_in(text, TODAY) == ([], text)
