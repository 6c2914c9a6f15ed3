"""Timers have names of their own: one under another's name would silently take its place."""

from __future__ import annotations

import pytest

from ris.core import timers


@pytest.fixture(autouse=True)
def own_tables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timers, "TIMERS", {})
    monkeypatch.setattr(timers, "APART", {})


def look() -> None:
    """Does nothing."""


def listen() -> None:
    """Does nothing either."""


def test_the_same_timer_may_be_set_again() -> None:
    timers.every(30, "look", look)
    timers.every(60, "look", look)
    assert dict(timers.TIMERS) == {"look": (60, look)}


@pytest.mark.parametrize("apart", [True, False])
@pytest.mark.parametrize("name", ["look", "seal", "sweep", "lanes"])
def test_a_name_that_something_else_has_is_refused(name: str, *, apart: bool) -> None:
    timers.every(30, "look", look, apart=not apart)
    with pytest.raises(ValueError, match="already"):
        timers.every(30, name, listen, apart=apart)
    assert dict(timers.TIMERS | timers.APART) == {"look": (30, look)}
