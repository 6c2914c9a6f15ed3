"""What a correction makes of the version that it corrects, but for the texts: fields, numbers, key images, addenda."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass
from typing import Any

from reporting.amending.dropping import going, image_key, image_words, meant, named, without
from reporting.amending.record import Amendment
from reporting.amending.refilling import Fields, Refilled, refilled
from reporting.document import field_row, image_row, labels_of, language_of
from reporting.fieldset import printed_value
from reporting.models import KeyImage, Report, ReportVersion
from reporting.render.words import words
from reporting.sections import section_in
from reporting.templates.fields import kind_of


@dataclass(frozen=True, slots=True)
class After:
    """`said`: what the version says after it, without what is filled anew; `fields`: all of them, that too."""

    said: dict[str, Any]
    fields: Refilled


def fields_after(base: ReportVersion, amendment: Amendment) -> tuple[Refilled, set[str]]:
    """The fields that the correction leaves, and the keys of what it takes out."""
    content, specs = base.content, amendment.report.template.fields
    ticked = [key for key in meant(content, amendment.left_out) if key not in amendment.fields]
    gone = going(content, specs, ticked)
    return refilled(specs, content, amendment.fields, gone), gone


def after_correction(report: Report, base: ReportVersion, amendment: Amendment) -> After:
    fields, gone = fields_after(base, amendment)
    replaced = fields.anew - fields.emptied
    labels = words(language_of(report))
    said = without(base.content, gone | fields.emptied, replaced, labels)
    added = [image_row(one) for one in addable(report, base) if key_of(one) in amendment.key_images]
    images = [*said.get("key_images", []), *added]
    said |= {"key_images": images} if images else {}
    names = {
        "filled_anew": _names(report, base, fields, replaced),
        "added_images": [image_words(one["place"], one["label"], labels) for one in added],
    }
    return After(said | {name: listed for name, listed in names.items() if listed}, fields)


def _names(report: Report, base: ReportVersion, fields: Refilled, replaced: frozenset[str]) -> list[str]:
    """As the version called them; those that it did not have by their full labels."""
    before = {row["key"] for section in base.content["sections"] for row in section.get("fields", [])}
    labels = labels_of(report)
    new = [labels.full(spec, fields.fields[spec["key"]] or {}) for spec in report.template.fields
           if spec["key"] in replaced - before]  # fmt: skip
    return [*named(base.content, replaced), *new]


def with_fields(report: Report, after: After) -> list[dict[str, Any]]:
    """The sections with the fields that are filled anew, in the template's order."""
    labels, known = labels_of(report), {item["key"] for item in report.sections}
    specs = [spec for spec in report.template.fields if spec.get("section") in known]
    order = {spec["key"]: place for place, spec in enumerate(specs)}
    sections = [dict(section) for section in after.said["sections"]]
    for spec in specs:
        held = after.fields.fields.get(spec["key"])
        if spec["key"] in after.fields.anew and held and kind_of(held) and printed_value(spec, held):
            section = section_in(sections, spec["section"], report.sections)
            rows = [*section.get("fields", []), field_row(spec, held, labels)]
            section["fields"] = sorted(rows, key=lambda row: order.get(row["key"], len(order)))
    return sections


def key_of(image: KeyImage) -> str:
    return image_key(image.sop_instance_uid, image.frame)


def addable(report: Report, base: ReportVersion) -> list[KeyImage]:
    """Images of the case that somebody pointed out, with a picture, and that the version does not have."""
    there = {image_key(one["sop_uid"], one["frame"]) for one in base.content.get("key_images", [])}
    studies = report.task.studies().values("study_instance_uid")
    rows = report.task.key_images.filter(study_instance_uid__in=studies).exclude(picture_sha256="")
    return [one for one in rows.defer("picture").order_by("pk") if key_of(one) not in there]


def pictured(report: Report, base: ReportVersion) -> list[KeyImage]:
    """The images that the version has, where the picture is still the one that was signed."""
    signed = {one["picture_sha256"] for one in base.content.get("key_images", [])}
    return list(report.task.key_images.filter(picture_sha256__in=signed).defer("picture"))


def saying(report: Report, fields: Fields) -> Report:
    """The report as the rules before a signature read it, with these fields; never saved."""
    stand_in = copy(report)
    stand_in.content = {**report.content, "fields": dict(fields)}
    return stand_in
