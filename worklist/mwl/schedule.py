"""The schedule as the association server keeps it: every step that waits, as fresh as the database at each look.

A C-FIND that begins after a booking was committed sees it, whoever booked: `look` asks the database what was committed
since the last look (worklist.mwl.changes) and reads only those steps again. One object for a server; threads share it.
"""

from __future__ import annotations

import threading
import time
from typing import Final

from django.db.models import Q

from ris.patients.models import Patient
from worklist.mwl import changes
from worklist.mwl.changes import Changes
from worklist.mwl.criteria import Span
from worklist.mwl.encoding import Encoded
from worklist.mwl.entries import Offer, offers_of, waiting_steps
from worklist.mwl.entry import WorklistEntry
from worklist.mwl.fleet import Device, Fleet
from worklist.mwl.kept import Shelf
from worklist.mwl.query import Key, MwlQuery

# Noted changes are pruned after a day (worklist.mwl.pruning); who did not look for half of one reads everything anew.
UNSEEN_SECONDS: Final = 12 * 3600.0
AT_ONCE: Final = 1000
ANEW: Final = "site"
DEVICES: Final = "fleet"


class Kept:
    """An offer, with what was written of it for each device that asked."""

    __slots__ = ("_entries", "_written", "device_pks", "offer")

    def __init__(self, offer: Offer) -> None:
        self.offer = offer
        self.device_pks = tuple(device.pk for device in offer.devices)
        self._entries: dict[int, tuple[Device, WorklistEntry]] = {}
        self._written: dict[tuple[int, bool], tuple[Device, Encoded]] = {}

    @property
    def step_pk(self) -> int:
        return self.offer.step_pk

    @property
    def entry(self) -> WorklistEntry:
        return self.offer.entry

    @property
    def made_of(self) -> list[tuple[str, int]]:
        return self.offer.made_of

    def entry_for(self, device: Device) -> WorklistEntry:
        """A query that began before its device changed must leave nothing behind for the next: what was made is
        only good for the very device that it was made for."""
        known, entry = self._entries.get(device.pk, (None, self.entry))
        if known is not device:
            entry = self.offer.as_seen_by(device)
            self._entries[device.pk] = device, entry
        return entry

    def row(self, device: Device, keys: tuple[Key, ...], *, implicit: bool) -> bytes:
        """The identifier of one response. Raises IncompleteEntryError when a type 1 value is missing."""
        known = self._written.get((device.pk, implicit))
        if known is None or known[0] is not device:
            known = device, Encoded(self.entry_for(device), device.style(implicit=implicit))
            self._written[device.pk, implicit] = known
        return known[1].answer(keys)


class Schedule:
    """`look` first, then ask; what is asked between two looks is what the last one saw."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._looks = self._seen = 0
        self._position: str | None = None
        self._looked_at = 0.0
        self._fleet = Fleet([])
        self._shelf: Shelf[Kept] = Shelf()

    def look(self) -> None:
        """Be as fresh as the database is now. Raises django.db.Error, after which the next look reads everything."""
        arrived = self._looks
        with self._lock:
            if self._seen > arrived:
                return  # somebody looked since we came
            self._looks += 1
            known, self._position = self._position, None
            self._position = self._everything() if known is None or self._overdue() else self._news(known)
            self._seen, self._looked_at = self._looks, time.monotonic()

    def device(self, ae_title: str) -> Device | None:
        """The active device of that AE title."""
        return self._fleet.by_title.get(ae_title)

    def candidates(self, device: Device, query: MwlQuery, days: Span) -> list[Kept]:
        """What the device sees in these days and may answer the query, earliest first."""
        with self._lock:
            return self._shelf.candidates(device.pk, query, days)

    def offers(self) -> list[Offer]:
        """All that waits, of every site."""
        with self._lock:
            return [kept.offer for kept in self._shelf.items.values()]

    def _overdue(self) -> bool:
        return time.monotonic() - self._looked_at > UNSEEN_SECONDS

    def _everything(self) -> str:
        now = changes.position()
        fleet, shelf = Fleet.load(), Shelf[Kept]()
        pks = list(waiting_steps().values_list("pk", flat=True))
        for first in range(0, len(pks), AT_ONCE):
            for offer in offers_of(waiting_steps().filter(pk__in=pks[first : first + AT_ONCE]), fleet):
                shelf.put(Kept(offer))
        self._fleet, self._shelf = fleet, shelf
        return now

    def _news(self, known: str) -> str:
        news = changes.since(known)
        if news.too_many or ANEW in news.keys:
            return self._everything()
        if DEVICES in news.keys:
            self._among_new_devices()
        if news.keys.keys() - {DEVICES}:
            self._read_again(news)
        return news.position

    def _among_new_devices(self) -> None:
        """Who sees what is worked out anew; the steps themselves have not changed."""
        self._fleet, shelf = Fleet.load(), Shelf[Kept]()
        for kept in self._shelf.items.values():
            shelf.put(Kept(kept.offer.among(self._fleet)))
        self._shelf = shelf

    def _read_again(self, news: Changes) -> None:
        stale = {pk for kind, keys in news.keys.items() for key in keys for pk in self._shelf.made_of((kind, key))}
        stale |= {pk for root in _roots(news.keys.get("person", set())) for pk in self._shelf.made_of(("person", root))}
        steps = news.keys.get("step", set()) | stale
        rows = waiting_steps().filter(_any_of(steps, news)) if steps or set(news.keys) - {"person"} else None
        fresh = offers_of(rows, self._fleet) if rows is not None else []
        for pk in steps:
            self._shelf.drop(pk)
        for offer in fresh:
            self._shelf.put(Kept(offer))


def _any_of(steps: set[int], news: Changes) -> Q:
    """Steps named themselves, and those of what changed above them: an order's may be offered only now."""
    found = Q(pk__in=steps)
    found |= Q(requested_procedure__in=news.keys.get("requested", ()))
    found |= Q(requested_procedure__order__in=news.keys.get("order", ()))
    return found | Q(requested_procedure__procedure__in=news.keys.get("catalogue", ()))


def _roots(people: set[int]) -> set[int]:
    """The records for which these stand since they were merged."""
    if not people:
        return set()
    merged = Patient.objects.filter(pk__in=people)
    return {root for root in merged.values_list("merged_into", flat=True) if root is not None}
