"""All that lies on the desk when a report is written: the case's numbers, earlier ones, key images."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from reporting.earlier import earlier_of, matched
from reporting.models import KeyImage, Measurement, Report
from reporting.prefill import measurements_of
from worklist.rehoming.gone import series_gone


@dataclass(frozen=True, slots=True)
class Desk:
    """What all fields of one report are drawn from."""

    report: Report
    rows: list[Measurement]
    earlier: list[tuple[Measurement, date]]

    @property
    def zone(self) -> ZoneInfo:
        return self.report.site.zone


def key_images_of(report: Report) -> list[KeyImage]:
    """Those that stand in the report, in the order in which they were chosen; none that left the case."""
    studies = report.task.studies().values("study_instance_uid")
    found = report.task.key_images.filter(left_out=False, study_instance_uid__in=studies)
    found = found.exclude(series_instance_uid__in=series_gone(report.task.requested_procedures.values("pk")))
    return list(found.defer("picture").order_by("pk"))


def prior_of(desk: Desk, key: str) -> dict[str, Any] | None:
    """The same lesion's number of an earlier exam beside what fills the field, with the change in per cent."""
    held = desk.report.content["fields"].get(key)
    row = next((row for row in desk.rows if held and row.identity == held.get("measurement")), None)
    if row is None or not held:
        return None
    wanted = desk.report.content.get("earlier", {}).get(key, "")
    found = matched(row, held["unit"], desk.earlier, wanted)
    return found.as_json(held["value"], held["unit"]) | {"by_hand": bool(wanted)} if found else None


def desk_of(report: Report) -> Desk:
    return Desk(report, measurements_of(report), earlier_of(report))
