"""From a C-FIND's bytes to the bytes of its answers: parse, look at the schedule, match, write.

One `Finder` for a server, shared by its threads. What every query of a device has in common is kept: the parsed
identifier, the entries, their encoded elements. What may have changed since is asked of the database each time.
"""

from __future__ import annotations

import logging
import struct
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import lru_cache
from io import BytesIO
from typing import Final

from django.utils import timezone
from pydicom.dataset import Dataset
from pydicom.filereader import read_dataset
from pydicom.uid import ImplicitVRLittleEndian

from ris.scheduling.lifecycle import STEP
from worklist.mwl import statuses
from worklist.mwl.attributes import ATTRIBUTES, STEP_SEQUENCE
from worklist.mwl.criteria import Span
from worklist.mwl.encoding import ordered
from worklist.mwl.entry import WorklistEntry
from worklist.mwl.fleet import Device
from worklist.mwl.query import IdentifierError, Key, MwlQuery, match, parse
from worklist.mwl.schedule import Kept, Schedule
from worklist.mwl.statuses import FindStatus
from worklist.mwl.style import IncompleteEntryError

log = logging.getLogger(__name__)

# A step that waits is still "today's" for so long after its own day ended: 23:50 shows to who asks at 00:10.
LATE: Final = timedelta(hours=4)
PARSED: Final = 512
# A device's query has a few hundred bytes; what is much longer is read each time and not kept.
LONGEST_KEPT: Final = 4_096
OLD: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Result:
    """What one query came to: encoded identifiers, the status that goes with each, and the one that ends it."""

    final: FindStatus
    rows: tuple[bytes, ...] = field(default=(), repr=False)
    pending: FindStatus = statuses.PENDING
    keys: tuple[str, ...] = ()
    fault: IdentifierError | None = field(default=None, repr=False)


def search(schedule: Schedule, device: Device, identifier: bytes, transfer_syntax: str) -> Result:
    """Answer one query of one device from the schedule as it was last looked at."""
    implicit = transfer_syntax == ImplicitVRLittleEndian
    try:
        parsed = _parsed if len(identifier) <= LONGEST_KEPT else _parsed.__wrapped__
        query = parsed(identifier, implicit=implicit)
    except IdentifierError as error:
        return Result(statuses.MISMATCH, fault=error)
    now = timezone.now()
    found = matching(schedule, device, query, now)
    shown = _within(found, device.rules.result_limit, now)
    rows = tuple(_rows(shown, device, _wanted(query, device), implicit=implicit))
    final = statuses.SUCCESS if len(found) <= device.rules.result_limit else statuses.OUT_OF_RESOURCES
    pending = statuses.PENDING if query.fully_supported else statuses.PENDING_WARNING
    return Result(final, rows, pending, query.asked)


def _within(found: list[Kept], limit: int, now: datetime) -> list[Kept]:
    """Of too many, those of today and after come before what was left open on earlier days."""
    if len(found) <= limit:
        return found
    old = [kept for kept in found if kept.offer.start < now - OLD]
    due = [kept for kept in found if kept.offer.start >= now - OLD]
    return [*old[len(old) - max(limit - len(due), 0) :], *due[:limit]]


def matching(schedule: Schedule, device: Device, query: MwlQuery, now: datetime) -> list[Kept]:
    """What answers the query and may be shown to the device now: late steps first, then by time."""
    local = now.astimezone(device.zone)
    days = _window(query.days, device, local)
    due = [kept for kept in schedule.candidates(device, query, days) if match(kept.entry_for(device), query)]
    late = [
        kept
        for kept in _late(schedule, device, query, now)
        if match(_as_of(f"{local:%Y%m%d}", kept.entry_for(device)), query) and kept not in due
    ]
    if device.rules.arrived_only:
        return [kept for kept in (*late, *due) if kept.entry.steps[0].status in STEP.groups["here"]]
    return [*late, *due]


def _window(asked: Span | None, device: Device, local: datetime) -> Span:
    """The days that were asked for, within those that the device's profile allows."""
    rules, low, high = device.rules, asked.low if asked else "", asked.high if asked else ""
    if rules.days_back is not None:
        low = max(low, f"{local - timedelta(days=rules.days_back):%Y%m%d}")
    if rules.days_ahead is not None:
        last = f"{local + timedelta(days=rules.days_ahead):%Y%m%d}"
        high = min(high or last, last)
    return Span(low, high, ranged=True)


def _late(schedule: Schedule, device: Device, query: MwlQuery, now: datetime) -> list[Kept]:
    """Steps of the day before that were to begin within the last hours, when today is asked for."""
    today, since = now.astimezone(device.zone), (now - LATE).astimezone(device.zone)
    if since.date() == today.date() or not _window(query.days, device, today).holds(f"{today:%Y%m%d}"):
        return []
    yesterday = f"{since:%Y%m%d}"
    found = schedule.candidates(device, query, Span(yesterday, yesterday))
    return [kept for kept in found if now - LATE <= kept.offer.start < now]


def _as_of(day: str, entry: WorklistEntry) -> WorklistEntry:
    """As if due when the day began; only for matching, what is sent keeps its date and time."""
    return replace(entry, steps=(replace(entry.steps[0], start_date=day, start_time="000000"),))


def _rows(found: Iterable[Kept], device: Device, keys: tuple[Key, ...], *, implicit: bool) -> Iterable[bytes]:
    for kept in found:
        try:
            yield kept.row(device, keys, implicit=implicit)
        except IncompleteEntryError as error:
            log.error("step %s is not on the worklist: %s", kept.entry.steps[0].step_id, error)
        except (ValueError, struct.error) as error:  # one that cannot be written must not cost the device the others
            log.error("step %s is not on the worklist: %s", kept.entry.steps[0].step_id, type(error).__name__)


@lru_cache(maxsize=PARSED)
def _parsed(identifier: bytes, *, implicit: bool) -> MwlQuery:
    """A device asks the same bytes all day. Raises IdentifierError."""
    try:
        query = parse(_decoded(identifier, implicit=implicit))
    except IdentifierError:
        raise
    except Exception as error:  # noqa: BLE001  undecodable bytes: pydicom raises whatever its reader raises
        raise IdentifierError(f"undecodable ({type(error).__name__})") from None
    return replace(query, keys=ordered(query.keys))


def _decoded(identifier: bytes, *, implicit: bool) -> Dataset:
    return read_dataset(BytesIO(identifier), is_implicit_VR=implicit, is_little_endian=True)


def _wanted(query: MwlQuery, device: Device) -> tuple[Key, ...]:
    """The keys that were asked, and those that the device's profile says it must have, asked or not."""
    required = device.rules.required_keys
    return _completed(query.keys, required) if required else query.keys


@lru_cache(maxsize=PARSED)
def _completed(keys: tuple[Key, ...], required: tuple[str, ...]) -> tuple[Key, ...]:
    asked = {key.attribute.keyword for key in keys}
    extra = [Key(row) for row in ATTRIBUTES if row.keyword in required and row.keyword not in asked and not row.items]
    inner = tuple(row for row in STEP_SEQUENCE.items if row.keyword in required and not row.items)
    steps = next((key for key in keys if key.attribute is STEP_SEQUENCE), Key(STEP_SEQUENCE))
    if inner:
        known = {key.attribute.keyword for key in steps.keys}
        more = ordered((*steps.keys, *(Key(row) for row in inner if row.keyword not in known)))
        keys = (*(key for key in keys if key.attribute is not STEP_SEQUENCE), replace(steps, keys=more))
    return ordered((*keys, *(key for key in extra if key.attribute.supported)))
