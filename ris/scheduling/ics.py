"""An appointment as a calendar file (RFC 5545, iTIP: RFC 5546). Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, Timezone, TimezoneDaylight, TimezoneStandard, vCalAddress

PRODUCT = "-//Isocenter//RIS//EN"
AROUND, DAY, MINUTE = timedelta(days=366), timedelta(days=1), timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation:
    """What a calendar needs to know. Instants are aware; `zone` is the IANA zone in which the patient reads them.

    `uid` stays for the life of an appointment and `sequence` rises with each change. `organizer` and `attendee` are
    mail addresses; without both the file is only published, not an invitation to be answered.
    """

    uid: str
    sequence: int
    start: datetime
    end: datetime
    stamp: datetime
    zone: str
    summary: str
    location: str = ""
    description: str = ""
    organizer: str = ""
    attendee: str = ""
    cancelled: bool = False

    @property
    def method(self) -> str:
        """CANCEL and REQUEST need both sides (RFC 5546 §3.2); a file for one's own calendar is published."""
        if not (self.organizer and self.attendee):
            return "PUBLISH"
        return "CANCEL" if self.cancelled else "REQUEST"


def written(invitation: Invitation) -> str:
    """The calendar file: one event, and the rules of its time zone."""
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", invitation.method)
    if not _doubtful(invitation):
        calendar.add_component(_rules(invitation))
    calendar.add_component(_event(invitation))
    return calendar.to_ical().decode()


def _doubtful(invitation: Invitation) -> bool:
    """In the hour that autumn repeats a local time means its first instant (RFC 5545 §3.3.5): then UTC is written."""
    zone = ZoneInfo(invitation.zone)
    return any(instant.astimezone(zone).fold for instant in (invitation.start, invitation.end))


def _rules(invitation: Invitation) -> Timezone:
    """The offsets of the zone a year around the event. The library's own name the spring change an hour late."""
    zone, found = ZoneInfo(invitation.zone), Timezone()
    found.add("tzid", invitation.zone)
    first = invitation.start.astimezone(UTC).replace(minute=0, second=0, microsecond=0) - AROUND
    found.add_component(_observance(first.astimezone(zone), first.astimezone(zone)))
    days = range((invitation.end - first + AROUND).days)
    for begins in (first + timedelta(days=day) for day in days):
        if begins.astimezone(zone).utcoffset() != (begins + DAY).astimezone(zone).utcoffset():
            change = _change(begins, zone)
            found.add_component(_observance((change - MINUTE).astimezone(zone), change.astimezone(zone)))
    return found


def _change(begins: datetime, zone: ZoneInfo) -> datetime:
    """The first minute of the day from `begins` on that has the offset of the next."""
    low, high, offset = 0, DAY // MINUTE, begins.astimezone(zone).utcoffset()
    while high - low > 1:
        middle = (low + high) // 2
        same = (begins + middle * MINUTE).astimezone(zone).utcoffset() == offset
        low, high = (middle, high) if same else (low, middle)
    return begins + high * MINUTE


def _observance(before: datetime, after: datetime) -> TimezoneDaylight | TimezoneStandard:
    """From `after` on, told on the clock as it was before (RFC 5545 §3.6.5)."""
    found = TimezoneDaylight() if after.dst() else TimezoneStandard()
    offset = before.utcoffset() or timedelta(0)
    found.add("dtstart", (after.astimezone(UTC) + offset).replace(tzinfo=None))
    found.add("tzoffsetfrom", offset)
    found.add("tzoffsetto", after.utcoffset() or timedelta(0))
    found.add("tzname", after.tzname() or "UTC")
    return found


def _event(invitation: Invitation) -> Event:
    zone = UTC if _doubtful(invitation) else ZoneInfo(invitation.zone)
    event = Event()
    event.add("uid", invitation.uid)
    event.add("sequence", invitation.sequence)
    event.add("dtstamp", invitation.stamp)
    event.add("dtstart", invitation.start.astimezone(zone))
    event.add("dtend", invitation.end.astimezone(zone))
    event.add("summary", _text(invitation.summary))
    event.add("status", "CANCELLED" if invitation.cancelled else "CONFIRMED")
    for name in ("location", "description"):
        if getattr(invitation, name):
            event.add(name, _text(getattr(invitation, name)))
    if invitation.method != "PUBLISH":
        event.add("organizer", vCalAddress(f"mailto:{invitation.organizer}"))
        attendee = vCalAddress(f"mailto:{invitation.attendee}")
        attendee.params["RSVP"] = "FALSE"
        event.add("attendee", attendee)
    return event


def _text(value: str) -> str:
    """Without control characters, which no TEXT may hold (RFC 5545 §3.3.11), and with one kind of line end."""
    lines = value.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(letter for letter in lines if letter in "\n\t" or (letter >= " " and letter != "\x7f"))
