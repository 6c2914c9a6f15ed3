"""How each destination stands: what waits for it, since when, what waits for a person, and when it last went well."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import models
from django.db.models import Count, Max, Min, Q
from django.utils import timezone

from ris.core.actors import Actor
from ris.events.lifecycle import DELIVERY
from ris.events.models import Delivery
from ris.events.registry import is_routed

# What a part does, for whoever looks after it; a name that is not here is shown as it is.
WORDS: Final = {
    "dicom.modalities": "Archive: who may ask it",
    "worklist.match": "Archive: studies that arrived",
    "worklist.look-again": "Studies without an order, compared again",
    "worklist.look-at-sides": "Side of the images against the order",
    "worklist.rehome": "Archive: objects of another patient",
    "worklist.rehome-merged": "Archive: objects after a merge",
    "worklist.rehome-parted": "Archive: objects after records were parted",
    "worklist.look-at-outside": "Images from outside, read",
    "worklist.store-outside": "Archive: images from outside",
    "worklist.make-export": "Exports of images",
    "reporting.read_objects": "Measurements from the archive",
    "reporting.read-study": "Measurements from the archive, of a study",
    "reporting.follow-study": "Reading list, after studies",
    "reporting.tell-signers": "Notices of images that left a signed report",
    "reporting.follow-exam": "Reading list, after exams",
    "reporting.picture": "Pictures of key images",
    "reporting.key-images": "Archive: key images",
    "reporting.archive": "Archive: signed reports",
    "reporting.release": "Reports, released after their delay",
    "viewer.final-measurements": "Archive: final measurements",
    "viewer.store-kept": "Archive: measurements kept here meanwhile",
    "viewer.prefetch": "Viewer: images fetched before they are asked for",
    "viewer.let-go": "Viewer: images that are not needed any more",
    "scheduling.overlaps": "Appointments at the same time",
    "scheduling.place-again": "Worklist, after an appointment came back",
    "scheduling.tell-patient": "Messages to patients, written",
    "reporting.speech-engine": "Speech recognition of dictations",
    "notifications.send": "Mail and SMS",
    "hl7.compose": "HL7, written",
}
LATELY: Final = timedelta(days=7)
AHEAD: Final = (*DELIVERY.groups["open"], *DELIVERY.groups["stuck"])


@dataclass(frozen=True, slots=True)
class Standing:
    """`oldest` waits longest of those that go by themselves; `failing` were tried, in vain so far."""

    name: str
    words: str
    waiting: int
    failing: int
    parked: int
    oldest: datetime | None
    last: datetime | None

    @property
    def state(self) -> tuple[str, str]:
        if self.parked:
            return "parked", "Waits for you"
        if self.failing:
            return "failed", "Tried again"
        return ("pending", "On its way") if self.waiting else ("done", "Fine")


def standings(actor: Actor) -> list[Standing]:
    """Each of our own destinations that something waits for, or that took something lately; those in trouble first."""
    visible = Delivery.objects.visible_to(actor).order_by()
    # next_at is in the index with the state; how long ago a row was done is not.
    taken = visible.filter(state__in=DELIVERY.groups["over"], next_at__gte=timezone.now() - LATELY)
    last = dict(taken.values_list("subscriber").annotate(last=Max("done_at")))
    ahead = {row["subscriber"]: row for row in _ahead(visible)}
    found = [_standing(name, ahead.get(name, {}), last.get(name)) for name in {*ahead, *last} if not is_routed(name)]
    return sorted(found, key=lambda one: (-one.parked, -one.failing, -one.waiting, one.words))


def _ahead(visible: models.QuerySet[Delivery]) -> list[dict[str, Any]]:
    waits = Q(state__in=DELIVERY.groups["open"])
    # One that is to go at a later time does not wait yet.
    due = waits & (Q(next_at__lte=timezone.now()) | Q(attempts__gt=0))
    rows = visible.filter(state__in=AHEAD).values("subscriber").annotate(
        waiting=Count("pk", filter=waits),
        failing=Count("pk", filter=waits & ~Q(last_error="")),
        parked=Count("pk", filter=Q(state__in=DELIVERY.groups["stuck"])),
        oldest=Min("event__at", filter=due),
    )  # fmt: skip
    return [dict(row) for row in rows]


def _standing(name: str, ahead: Mapping[str, Any], last: datetime | None) -> Standing:
    return Standing(
        name=name,
        words=WORDS.get(name, name),
        waiting=ahead.get("waiting", 0),
        failing=ahead.get("failing", 0),
        parked=ahead.get("parked", 0),
        oldest=ahead.get("oldest"),
        last=last,
    )
