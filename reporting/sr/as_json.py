"""The JSON form of a read SR: DESIGN §7's shape and what the report needs beside it. Never NaN or infinity."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from reporting.sr.codes import Code
from reporting.sr.document import Evaluation, Group, SrDocument, Value
from reporting.sr.graphics import Graphic
from reporting.sr.images import ImageGeometry
from reporting.sr.limits import MAX_POINTS
from reporting.sr.places import place_of
from reporting.sr.recompute import Drawing

DIGITS = 6


def document_json(document: SrDocument, images: Mapping[str, ImageGeometry] | None = None) -> dict[str, Any]:
    series, points = dict(document.series), _Points()
    return {
        **asdict(document.header),
        "predecessors": list(document.header.predecessors),
        "title": _code(document.title),
        "reader": document.reader,
        "observer": document.observer,
        "device": document.device,
        "series": sorted(set(series.values())),
        "groups": [_group(group, series, images or {}, points) for group in document.groups],
        "text": list(document.lines),
        "problems": list(document.problems),
    }


def _group(
    group: Group, series: dict[str, str], images: Mapping[str, ImageGeometry], points: _Points
) -> dict[str, Any]:
    where, place = group.reference, place_of(group, images, series)
    return {
        "title": group.title,
        "tracking_identifier": group.tracking_identifier,
        "tracking_uid": group.tracking_uid,
        "tool": group.tool,
        "label": group.label,
        "finding": _code(group.finding),
        "site": _code(group.site),
        "laterality": _code(group.laterality),
        "method": _code(group.method),
        "values": [_value(value) for value in group.values],
        "evaluations": [_evaluation(evaluation) for evaluation in group.evaluations],
        "geometry": [_drawing(drawing, series, points) for drawing in group.drawings],
        "referenced_sop_instance_uid": where.sop_instance_uid if where else "",
        "referenced_series_instance_uid": series.get(where.sop_instance_uid, "") if where else "",
        "referenced_frame": where.frame if where else None,
        "place": place.as_json() if place else None,
    }


def _value(value: Value) -> dict[str, Any]:
    checked, written = value.checked, value.concept.written or (value.concept.scheme, value.concept.value)
    return {
        "scheme": value.concept.scheme,
        "code": value.concept.value,
        "name": value.concept.name,
        "value": value.number.value,
        "unit": checked.unit.code,
        "recomputed": None if checked.recomputed is None else round(checked.recomputed, DIGITS),
        "flags": list(checked.flags),
        "words": list(checked.problems),
        "unit_name": checked.unit.name,
        "recomputed_unit": checked.recomputed_unit if checked.recomputed is not None else "",
        "calibration": checked.calibration,
        "derivation": _code(value.derivation),
        "selection": _code(value.selection),
        "modifiers": [_evaluation(modifier) for modifier in value.modifiers],
        "written": {
            "scheme": written[0],
            "code": written[1],
            "value": value.number.written,
            "unit": value.number.unit.value if value.number.unit else "",
        },
    }


def _evaluation(evaluation: Evaluation) -> dict[str, Any]:
    return {"name": _code(evaluation.name), "value": evaluation.value, "code": _code(evaluation.code)}


class _Points:
    """The points of every shape; one that many groups share is not written out for each of them without end."""

    def __init__(self) -> None:
        self.written: set[int] = set()
        self.left = MAX_POINTS

    def of(self, graphic: Graphic) -> list[list[float]]:
        if id(graphic) in self.written:
            self.left -= len(graphic.points)
        self.written.add(id(graphic))
        return [list(point) for point in graphic.points] if self.left >= 0 else []


def _drawing(drawing: Drawing, series: dict[str, str], points: _Points) -> dict[str, Any]:
    where = drawing.reference
    return {
        "type": drawing.graphic.type,
        "space": "patient" if drawing.graphic.in_patient else "image",
        "points": points.of(drawing.graphic),
        "frame_of_reference_uid": drawing.graphic.frame_of_reference_uid,
        "sop_instance_uid": where.sop_instance_uid if where else "",
        "series_instance_uid": series.get(where.sop_instance_uid, "") if where else "",
        "frame": where.frame if where else None,
    }


def _code(coded: Code | None) -> dict[str, Any] | None:
    return coded.as_json() if coded else None
