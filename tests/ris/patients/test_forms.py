"""Dates of birth as clerks type them."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.utils import timezone

from ris.patients.forms import PatientForm


def born(text: str) -> object:
    form = PatientForm({"family_name": "A", "birth_date": text})
    return form.cleaned_data["birth_date"] if form.is_valid() else form.errors["birth_date"]


@pytest.mark.parametrize(
    "text", ["1961-05-17", "17.5.1961", "17/05/1961", "17-05-1961", "17051961", "19610517", "17.5.61"]
)
def test_one_day_written_in_many_ways(text: str) -> None:
    assert born(text) == date(1961, 5, 17)


def test_a_short_year_that_would_lie_ahead_is_of_the_last_century() -> None:
    ahead = timezone.localdate() + timedelta(days=400)
    assert born(f"{ahead:%d.%m.%y}") == ahead.replace(year=ahead.year - 100)


def test_a_long_year_is_taken_at_its_word() -> None:
    """A slip of the finger must be told, not mended into another person's birthday."""
    ahead = timezone.localdate() + timedelta(days=400)
    assert born(ahead.isoformat()) == ahead
    assert born(f"{ahead:%d.%m.%Y}") == ahead


@pytest.mark.parametrize("text", ["31.2.1961", "yesterday", "1961", "17.5"])
def test_what_is_no_day_is_told(text: str) -> None:
    assert isinstance(born(text), list)
