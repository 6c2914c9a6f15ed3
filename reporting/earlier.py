"""The same lesion on an earlier exam: found by place and words, or pointed out by the reader."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from reporting.candidates import BY_HAND
from reporting.lifecycle import OBJECT
from reporting.models import Measurement, Report
from reporting.sr.units import exactly
from ris.patients.models import Patient
from worklist.lifecycle import STUDY
from worklist.models import Study

MOST = 200
NEAR_MM = 15.0
"""Two exams never lie alike; lesions nearer than this in one frame of reference are the same until a person says no."""

NOBODY = "none"
"""The reader's word that no earlier measurement is of this lesion."""


@dataclass(frozen=True, slots=True)
class Earlier:
    """One earlier measurement, in the unit of today's. `reasons`: why it may be the same lesion; none: by hand only."""

    row: Measurement
    value: float
    day: date
    reasons: tuple[str, ...] = ()

    def change(self, value: float) -> float | None:
        """Per cent since then; None from nothing, or from next to nothing."""
        change = (value - self.value) / abs(self.value) * 100 if self.value else math.inf
        return change if math.isfinite(change) else None

    def as_json(self, value: float, unit: str) -> dict[str, Any]:
        change = self.change(value)
        return {
            "value": self.value,
            "unit": unit,
            "day": self.day.isoformat(),
            "change": None if change is None else round(change, 1),
            "reasons": list(self.reasons),
            "measurement": self.row.identity,
        }


def earlier_of(report: Report) -> list[tuple[Measurement, date]]:
    """Trustworthy numbers of the person's earlier exams at the report's site, the latest exam first."""
    days = _days(report)
    if not days:
        return []
    rows = Measurement.objects.filter(source__study_instance_uid__in=days, source__task__site_id=report.site_id)
    rows = rows.filter(source__state__in=OBJECT.groups["usable"]).exclude(source__task_id=report.task_id)
    rows = rows.select_related("source").order_by("-source__stored_at", "pk")[:MOST]
    sure = [row for row in rows if set(row.flags) <= BY_HAND]
    return sorted(((row, days[row.source.study_instance_uid]) for row in sure), key=lambda pair: pair[1], reverse=True)


def _days(report: Report) -> dict[str, date]:
    """Study date by UID of the person's studies before the report's own."""
    own = {study.study_instance_uid: _day(study) for study in report.task.studies()}
    today = max((day for day in own.values() if day), default=None) or report.created_at.date()
    family = Patient.objects.family(report.task.patient)
    links = Study.objects.filter(
        links__active=True, links__requested_procedure__order__patient__in=family, state__in=STUDY.groups["readable"]
    )
    found = {study.study_instance_uid: _day(study) for study in links.distinct()}
    return {uid: day for uid, day in found.items() if uid not in own and day is not None and day <= today}


def _day(study: Study) -> date | None:
    try:
        return datetime.strptime(study.study_date, "%Y%m%d").date()  # noqa: DTZ007  a DA has no zone
    except ValueError:
        return None


def counterparts(row: Measurement, unit: str, known: Sequence[tuple[Measurement, date]]) -> list[Earlier]:
    """All earlier numbers of the same concept in today's unit; those of the same lesion first, then the latest."""
    found = []
    for other, day in known:
        value = exactly(other.value, other.unit, unit)
        if value is not None and (other.scheme, other.code) == (row.scheme, row.code):
            found.append(Earlier(other, value, day, reasons(row, other)))
    return sorted(found, key=lambda one: (-_weight(one), -one.day.toordinal()))


def _weight(one: Earlier) -> int:
    return sum({"same place": 3, "same name": 3, "same site": 1}.get(reason, 0) for reason in one.reasons)


def matched(row: Measurement, unit: str, known: Sequence[tuple[Measurement, date]], wanted: str = "") -> Earlier | None:
    """The one that the reader pointed out, or else the best that something speaks for, unless two speak alike."""
    if wanted == NOBODY:
        return None
    found = counterparts(row, unit, known)
    by_hand = next((one for one in found if one.row.identity == wanted), None) if wanted else None
    if by_hand is not None:
        return by_hand
    likely = [one for one in found if one.reasons]
    if not likely:
        return None
    best = [one for one in likely if (_weight(one), one.day) == (_weight(likely[0]), likely[0].day)]
    return best[0] if len({one.value for one in best}) == 1 else None


def reasons(row: Measurement, other: Measurement) -> tuple[str, ...]:
    """What speaks for one lesion: the same name, the same place in the patient, the same site and side."""
    if row.laterality_code and other.laterality_code and row.laterality_code != other.laterality_code:
        return ()
    names = bool(row.label) and row.label.casefold().strip() == other.label.casefold().strip()
    site = bool(row.site_code) and (row.site_code, row.method_code) == (other.site_code, other.method_code)
    said = ((_is_near(row, other), "same place"), (names, "same name"), (site, "same site"))
    return tuple(words for is_so, words in said if is_so)


def _is_near(row: Measurement, other: Measurement) -> bool:
    """In one frame of reference: exams that were registered, or one bed position measured twice."""
    here, there = _centre(row), _centre(other)
    return here is not None and there is not None and here[0] == there[0] and math.dist(here[1], there[1]) <= NEAR_MM


def _centre(row: Measurement) -> tuple[str, list[float]] | None:
    drawn = next((one for one in row.geometry if one.get("space") == "patient" and one.get("points")), None)
    if drawn is None or not drawn.get("frame_of_reference_uid"):
        return None
    points = drawn["points"]
    return drawn["frame_of_reference_uid"], [sum(axis) / len(points) for axis in zip(*points, strict=True)]
