"""Who a simulated device is, and how it behaves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, tzinfo

from ris.demo.modality.item import PRESENT, WORKABLE, WorklistItem
from ris.demo.modality.wire import Peer
from ris.demo.modality.worklist import Question


@dataclass(frozen=True, slots=True)
class Device:
    """An AE title and the two peers that it has; `worklist` answers C-FIND and takes MPPS."""

    ae_title: str
    worklist: Peer
    archive: Peer


@dataclass(frozen=True, slots=True)
class Habits:
    """What the device takes off its list, and how it works.

    `modalities`: empty for all. `any_day`: also steps that are not scheduled today. `arrived_only`: wait until the
    patient is checked in. `images`: slices of a series or frames of a clip, None for the usual number.
    `delay_seconds`: how long a patient lies in it. `zone`: in which its clock runs.
    """

    modalities: frozenset[str] = frozenset()
    any_day: bool = False
    arrived_only: bool = False
    images: int | None = None
    delay_seconds: float = 0.0
    zone: tzinfo = UTC

    def question(self, station: str, today: str, accession: str) -> Question:
        """The query for one accession number on any day, or for what is due (today as DA)."""
        modality = next(iter(self.modalities)) if len(self.modalities) == 1 else ""
        day = "" if accession or self.any_day else today
        return Question(station, day, modality, accession)

    def takes(self, item: WorklistItem, question: Question) -> bool:
        """Whether the answer is one to work on; the peer's own matching is not relied upon."""
        asked = (
            question.station in item.stations
            and question.day in ("", item.day)
            and question.accession in ("", item.accession)
        )
        return asked and self._wants(item)

    def _wants(self, item: WorklistItem) -> bool:
        states = PRESENT if self.arrived_only else WORKABLE | {""}
        return item.status in states and (not self.modalities or item.modality in self.modalities)


USUAL = Habits()
