"""From measurements to template fields: by code and unit, never by position; in doubt, not at all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils import timezone

from reporting.candidates import rank
from reporting.lifecycle import OBJECT
from reporting.marks import marked
from reporting.merged import merge
from reporting.models import Measurement, Report
from reporting.refilled import noted
from reporting.technique import compose
from reporting.templates.computed import compute
from worklist.rehoming.gone import series_gone


def measurements_of(report: Report) -> list[Measurement]:
    """All numbers of the case's SRs that are in force, newest SR first; none of what left the case."""
    rows = Measurement.objects.filter(source__task_id=report.task_id, source__state__in=OBJECT.groups["usable"])
    rows = rows.filter(source__study_instance_uid__in=report.task.studies().values("study_instance_uid"))
    rows = rows.exclude(referenced_series_uid__in=series_gone(report.task.requested_procedures.values("pk")))
    return list(rows.select_related("source").order_by("-source__stored_at", "pk"))


def strays(report: Report) -> list[str]:
    """Keys of fields whose number was measured on images that are not of this case, or not any more."""
    known = {row.source.sop_instance_uid for row in measurements_of(report)}
    held = {key: (field or {}).get("sr_sop_uid") for key, field in report.content["fields"].items()}
    return [key for key, source in held.items() if source and source not in known]


def prefill(report: Report, *, first: bool = False) -> list[str]:
    """Fill each field that has a trustworthy number, and an untouched technique section. Returns changed keys.

    What the writer removed stays removed, what they typed stays typed, and what they chose stays chosen for as long as
    it is there. A number that changed or went away after it stood in the report leaves a mark.

    Part of the caller's transaction. The revision stays: an open editor asks for its numbers by itself, and a
    signature names the numbers that its page showed. Words that changed are noted (`reporting.refilled`) but for the
    `first` time, before anybody saw any.
    """
    found = measurements_of(report)
    before = report.content["fields"]
    fields = dict(before)
    for spec in filable(report):
        if is_measured(fields.get(spec["key"])):
            fields[spec["key"]] = best_of(spec, found, report.content)
    marks = {**report.content.get("marks", {}), **marked(before, fields, timezone.now())}
    fields = compute(report.template.fields, merge(report, fields))
    changed = [key for key, value in fields.items() if value != before.get(key)]
    old, report.content = report.content, {**report.content, "fields": fields, "marks": marks}
    changed += compose(report)
    if report.content != old:
        report.content = report.content if first else noted(report, changed)
        report.save(update_fields=["content"])
    return changed


def filable(report: Report) -> list[dict[str, Any]]:
    """The fields that a measurement may fill."""
    kinds = [(spec, spec.get("type", "number")) for spec in report.template.fields]
    return [spec for spec, kind in kinds if kind == "number" and not spec.get("merge")]


def is_measured(held: Mapping[str, Any] | None) -> bool:
    """Empty, or filled by a measurement: neither left out nor typed."""
    return not held or (not held.get("removed") and held.get("kind", "measured") == "measured")


def best_of(spec: Mapping[str, Any], found: list[Measurement], content: Mapping[str, Any]) -> dict[str, Any] | None:
    """What the writer chose, while it is there; else the best that fills by itself."""
    ranked = rank(spec, found)
    wanted = content.get("choices", {}).get(spec["key"])
    by_hand = next((one for one in ranked if one.choosable and one.row.identity == wanted), None) if wanted else None
    if by_hand is not None:
        return by_hand.as_field("by hand")
    return ranked[0].as_field() if ranked and ranked[0].fills else None


def choose(spec: Mapping[str, Any], found: list[Measurement]) -> Measurement | None:
    """The measurement for a field: right concept, allowed unit, no flag; the largest or the first of the latest SR.

    A number with any doubt is shown beside the report and never filled in by itself (workflow.md rule 11).
    """
    ranked = rank(spec, found)
    return ranked[0].row if ranked and ranked[0].fills else None
