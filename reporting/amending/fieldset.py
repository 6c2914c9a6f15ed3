"""The fields of a correction as its page draws them, beside the section that each belongs to."""

from __future__ import annotations

from typing import Any

from django.http import QueryDict

from reporting.amending.correcting import fields_after
from reporting.amending.forms import AmendmentForm
from reporting.amending.record import Amendment
from reporting.fieldset import shown
from reporting.forms import FIELD, UNIT
from reporting.models import ReportVersion

PARTS = ("type", "kind", "raw", "text", "fault", "unit")


def sections_with_fields(draft: Amendment, base: ReportVersion) -> list[dict[str, Any]]:
    """[{"key", "title", "fields"}] in the template's order; none for a template without fields."""
    after, _gone = fields_after(base, draft)
    specs = draft.report.template.fields
    rows = [(spec.get("section"), shown(spec, after.fields.get(spec["key"]))) for spec in specs]
    found = [
        {"key": item["key"], "title": item["title"], "fields": [row for key, row in rows if key == item["key"]]}
        for item in draft.report.sections
    ]
    return [section for section in found if section["fields"]]


def shown_fields(draft: Amendment, base: ReportVersion) -> dict[str, dict[str, Any]]:
    """What a page must put right after a save, by field key."""
    rows = [row for section in sections_with_fields(draft, base) for row in section["fields"]]
    return {row["key"]: {name: row[name] for name in PARTS} for row in rows}


def parts_of(form: AmendmentForm, sections: list[dict[str, Any]]) -> dict[str, Any]:
    """The page in reading order: each text with the fields of its section, sections of fields alone, and the `rest`."""
    keys = {section["title"]: section["key"] for section in form.amendment.report.sections}
    by_key = {section["key"]: section["fields"] for section in sections}
    parts: list[dict[str, Any]] = [
        {"area": form[f"text-{number}"], "title": item["title"],
         "fields": by_key.pop(item.get("key") or keys.get(item["title"], ""), [])}
        for number, item in enumerate(form.amendment.texts)
    ]  # fmt: skip
    parts += [section for section in sections if section["key"] in by_key]
    rest = [field for field in form.visible_fields() if not field.name.startswith("text-")]
    return {"parts": parts, "rest": rest}


def as_posted(sections: list[dict[str, Any]], page: QueryDict) -> list[dict[str, Any]]:
    """With what stands in the page, where it could not be kept."""
    for row in (row for section in sections for row in section["fields"]):
        row["raw"] = str(page.get(FIELD + row["key"], row["raw"]))
        row["unit"] = str(page.get(UNIT + row["key"], row["unit"]))
    return sections
