"""Calendar files, read back by a reader that knows RFC 5545 and nothing of the writer."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ris.scheduling.ics import Invitation, written
from tests.ris.scheduling.calendar_reader import Component, instant, read, text

ZONES = ["Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "UTC", "Africa/Casablanca"]
TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"]) | st.just("\n"), max_size=300)
STAMP = datetime(2026, 3, 1, 12, tzinfo=UTC)


def invitation(start: datetime, zone: str = "Europe/Berlin", **changes: object) -> Invitation:
    values: dict[str, object] = {
        "uid": "2.25.1@isocenter", "sequence": 3, "start": start, "end": start + timedelta(minutes=20),
        "stamp": STAMP, "zone": zone, "summary": "Appointment", "organizer": "desk@example.org",
        "attendee": "aase@example.org",
    }  # fmt: skip
    return Invitation(**values | changes)  # type: ignore[arg-type]


def parsed(made: Invitation) -> tuple[Component, Component]:
    calendar = read(written(made).encode())
    return calendar, calendar.only("VEVENT")


@settings(max_examples=150, deadline=None)
@given(
    start=st.datetimes(datetime(2024, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    minutes=st.integers(1, 24 * 60), zone=st.sampled_from(ZONES),
)  # fmt: skip
def test_the_file_alone_tells_the_instant(start: datetime, minutes: int, zone: str) -> None:
    start = start.replace(second=0, microsecond=0)
    end = start + timedelta(minutes=minutes)
    calendar, _event = parsed(invitation(start, zone, end=end))
    assert (instant(calendar, "DTSTART"), instant(calendar, "DTEND")) == (start, end)


@pytest.mark.parametrize(
    "changes",
    [datetime(2026, 3, 29, 1, tzinfo=UTC), datetime(2026, 10, 25, 1, tzinfo=UTC)],
    ids=["spring", "autumn"],
)
def test_every_quarter_of_an_hour_around_a_clock_change(changes: datetime) -> None:
    for quarters in range(-16, 17):
        start = changes + timedelta(minutes=15) * quarters
        calendar, _event = parsed(invitation(start))
        assert instant(calendar, "DTSTART") == start, start.astimezone(ZoneInfo("Europe/Berlin"))


@settings(max_examples=200, deadline=None)
@given(summary=TEXTS, location=TEXTS, description=TEXTS)
def test_any_words_come_back_as_they_were(summary: str, location: str, description: str) -> None:
    made = invitation(STAMP, summary=summary, location=location, description=description)
    _calendar, event = parsed(made)
    assert text(event.values["SUMMARY"]) == summary
    assert text(event.values.get("LOCATION", "")) == location
    assert text(event.values.get("DESCRIPTION", "")) == description


def test_nothing_typed_becomes_a_line_of_its_own() -> None:
    _calendar, event = parsed(invitation(STAMP, summary="Hello\r\nATTENDEE:mailto:x@y.test\rEND:VEVENT\x07"))
    assert text(event.values["SUMMARY"]) == "Hello\nATTENDEE:mailto:x@y.test\nEND:VEVENT"
    assert event.values["ATTENDEE"] == "mailto:aase@example.org"


def test_an_invitation_and_its_cancellation_are_of_one_event() -> None:
    calendar, event = parsed(invitation(STAMP))
    assert (calendar.values["METHOD"], event.values["STATUS"]) == ("REQUEST", "CONFIRMED")
    assert (event.values["UID"], event.values["SEQUENCE"]) == ("2.25.1@isocenter", "3")
    assert event.values["DTSTAMP"] == "20260301T120000Z"
    gone, lost = parsed(invitation(STAMP, cancelled=True, sequence=4))
    assert (gone.values["METHOD"], lost.values["STATUS"], lost.values["SEQUENCE"]) == ("CANCEL", "CANCELLED", "4")
    assert lost.values["UID"] == event.values["UID"]


def test_without_both_sides_it_is_published() -> None:
    """RFC 5546 §3.2.2: a request names an organizer and attendees."""
    calendar, event = parsed(invitation(STAMP, attendee=""))
    assert calendar.values["METHOD"] == "PUBLISH"
    assert not {"ORGANIZER", "ATTENDEE"} & set(event.values)
