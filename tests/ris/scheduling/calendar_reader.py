"""A reader of calendar files, from RFC 5545 alone: strict about lines, escapes, and the rules of a time zone."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone

LINE = re.compile(r"([A-Z-]+)((?:;[A-Z-]+=(?:\"[^\"]*\"|[^;:\"]*))*):(.*)", re.DOTALL)
ESCAPES = {"n": "\n", "N": "\n", ",": ",", ";": ";", "\\": "\\"}


@dataclass
class Component:
    name: str
    values: dict[str, str] = field(default_factory=dict)
    params: dict[str, str] = field(default_factory=dict)
    inside: list[Component] = field(default_factory=list)

    def only(self, name: str) -> Component:
        (found,) = [part for part in self.inside if part.name == name]
        return found


def read(raw: bytes) -> Component:
    """The VCALENDAR. Raises AssertionError for a line too long, badly folded or badly ended (RFC 5545 §3.1)."""
    assert raw.endswith(b"\r\n")
    lines = raw[:-2].split(b"\r\n")
    assert all(len(line) <= 75 for line in lines), "a line has at most 75 octets"
    assert not any(b"\r" in line or b"\n" in line for line in lines)
    for octets in lines:
        octets.decode()  # no letter is cut in two
    unfolded = raw[:-2].replace(b"\r\n ", b"").decode().split("\r\n")
    stack = [Component("")]
    for line in unfolded:
        parts = LINE.fullmatch(line)
        assert parts, line
        name, params, value = parts.groups()
        if name == "BEGIN":
            stack.append(Component(value))
        elif name == "END":
            done = stack.pop()
            assert done.name == value
            stack[-1].inside.append(done)
        else:
            assert name not in stack[-1].values, f"{name} stands twice"
            stack[-1].values[name], stack[-1].params[name] = value, params
    (calendar,) = stack[0].inside
    return calendar


def text(value: str) -> str:
    """A TEXT without its escapes (RFC 5545 §3.3.11); what must be escaped and is not is an error."""
    assert not re.search(r"(?<!\\)(?:\\\\)*[,;]", value), "a bare comma or semicolon"
    return re.sub(r"\\(.)", lambda found: ESCAPES[found[1]], value)


def instant(calendar: Component, name: str) -> datetime:
    """When DTSTART or DTEND is, by nothing but the rules inside the file (RFC 5545 §3.6.5)."""
    event = calendar.only("VEVENT")
    value, zone = event.values[name], event.params[name]
    if value.endswith("Z"):
        return datetime.strptime(value, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    rules = calendar.only("VTIMEZONE")
    assert zone == f";TZID={rules.values['TZID']}"
    local = datetime.strptime(value, "%Y%m%dT%H%M%S")  # noqa: DTZ007  local to the rules below
    begun = [rule for rule in rules.inside if _start(rule) <= local]
    newest = max(begun, key=_start)
    before, after = _offset(newest, "TZOFFSETFROM"), _offset(newest, "TZOFFSETTO")
    assert local >= _start(newest) + max(after - before, timedelta(0)), "this local time does not exist"
    return local.replace(tzinfo=timezone(after)).astimezone(UTC)


def _start(rule: Component) -> datetime:
    return datetime.strptime(rule.values["DTSTART"], "%Y%m%dT%H%M%S")  # noqa: DTZ007  local by definition


def _offset(rule: Component, name: str) -> timedelta:
    sign, hours, minutes, seconds = re.fullmatch(r"([+-])(\d\d)(\d\d)(\d\d)?", rule.values[name]).groups()  # type: ignore[union-attr]
    found = timedelta(hours=int(hours), minutes=int(minutes), seconds=int(seconds or 0))
    return -found if sign == "-" else found
