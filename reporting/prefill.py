"""From measurements to template fields: by code and unit, never by position; in doubt, not at all."""

from __future__ import annotations

from typing import Any

from reporting.lifecycle import OBJECT
from reporting.models import Measurement, Report
from reporting.technique import compose


def measurements_of(report: Report) -> list[Measurement]:
    """All numbers of the case's SRs that are in force, newest SR first; none of a study that left the case."""
    rows = Measurement.objects.filter(source__task_id=report.task_id, source__state__in=OBJECT.groups["usable"])
    rows = rows.filter(source__study_instance_uid__in=report.task.studies().values("study_instance_uid"))
    return list(rows.select_related("source").order_by("-source__stored_at", "pk"))


def strays(report: Report) -> list[str]:
    """Keys of fields whose number was measured on images that are not of this case, or not any more."""
    known = {row.source.sop_instance_uid for row in measurements_of(report)}
    held = {key: (field or {}).get("sr_sop_uid") for key, field in report.content["fields"].items()}
    return [key for key, source in held.items() if source and source not in known]


def prefill(report: Report) -> list[str]:
    """Fill each field that has a trustworthy number, and an untouched technique section. Returns changed keys.

    What the writer removed stays removed.

    Part of the caller's transaction. The revision stays: an open editor asks for its numbers by itself, and a
    signature names the numbers that its page showed.
    """
    found = measurements_of(report)
    fields = dict(report.content["fields"])
    for spec in report.template.fields:
        if not (fields.get(spec["key"]) or {}).get("removed"):
            chosen = choose(spec, found)
            fields[spec["key"]] = chosen.as_field() if chosen else None
    changed = [key for key, value in fields.items() if value != report.content["fields"].get(key)]
    before, report.content = report.content, {**report.content, "fields": fields}
    changed += compose(report)
    if report.content != before:
        report.save(update_fields=["content"])
    return changed


def choose(spec: dict[str, Any], found: list[Measurement]) -> Measurement | None:
    """The measurement for a field: right concept, allowed unit, no flag; the largest or the first of the latest SR.

    A number with any doubt is shown beside the report and never filled in by itself (workflow.md rule 11).
    """
    fitting = [row for row in found if _fits(spec, row) and not row.flags]
    if not fitting:
        return None
    newest = fitting[0].source_id
    latest = [row for row in fitting if row.source_id == newest]
    if spec.get("pick", "latest") == "largest":
        return max(latest, key=lambda row: row.value)
    return latest[0]


def _fits(spec: dict[str, Any], row: Measurement) -> bool:
    same = (row.scheme, row.code) == (spec["scheme"], spec["code"]) and row.unit in spec["units"]
    return same and (not spec.get("tools") or row.tool in spec["tools"])
