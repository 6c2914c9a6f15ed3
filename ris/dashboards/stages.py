"""The stages of an exam, from one moment to another. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

Moments = Mapping[str, datetime | None]


@dataclass(frozen=True, slots=True)
class Stage:
    """`begins` and `ends` name moments: the latest of the first ones known, the earliest of the second."""

    key: str
    words: str
    begins: tuple[str, ...]
    ends: tuple[str, ...]

    def minutes(self, moments: Moments) -> float | None:
        """None when it has not ended, or when a moment is not known; never below nought."""
        begins = [moments[name] for name in self.begins]
        ends = [found for name in self.ends if (found := moments[name])]
        if not ends or None in begins:
            return None
        began = max(found for found in begins if found)
        return max((min(ends) - began) / timedelta(minutes=1), 0.0)


STAGES: Final = (
    Stage("to-booking", "Order to booking", ("ordered_at",), ("booked_at",)),
    Stage("to-exam", "Order to exam", ("ordered_at",), ("begun_at",)),
    Stage("waiting", "In the waiting room", ("arrived_at",), ("begun_at",)),
    Stage("exam", "In the room", ("begun_at",), ("done_at",)),
    Stage("to-reader", "Waiting for a reader", ("done_at", "images_at"), ("claimed_at",)),
    Stage("reading", "Reading", ("claimed_at",), ("preliminary_at", "signed_at")),
    Stage("turnaround", "Exam to final report", ("done_at",), ("signed_at",)),
    Stage("whole", "Order to final report", ("ordered_at",), ("signed_at",)),
)
