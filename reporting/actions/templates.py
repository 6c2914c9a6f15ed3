"""Templates: drafts that are edited, versions that are published and never change again."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils import timezone

from reporting.library import ReportTemplate, SampleReading
from reporting.lifecycle import TEMPLATE
from reporting.permissions import require_templates
from reporting.templates.checks import KEY, check
from reporting.templates.tidy import tidy
from ris import audit
from ris.core.actors import Actor
from ris.core.errors import ConcurrentUpdateError, InvalidInput
from ris.core.texts import fault_of_text, faults_of_texts
from ris.dicom.models import MODALITIES

ABOUT = ("identifier", "description", "language", "publisher", "rights", "license", "date", "creator", "contributor")

IMPERSONAL = ("reader", "manufacturer", "template", "groups", "problems")
MISTAKES = "The template has mistakes; nothing was saved."


@dataclass(frozen=True, slots=True)
class TemplateData:
    """What a version says, all of it; `about` is what MRRT tells of its origin."""

    key: str
    title: str
    modality: str = ""
    body_part: str = ""
    sections: list[dict[str, Any]] = field(default_factory=list)
    fields: list[dict[str, Any]] = field(default_factory=list)
    about: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, row: ReportTemplate) -> TemplateData:
        return cls(row.key, row.title, row.modality, row.body_part, row.sections, row.fields, row.about)

    def columns(self) -> dict[str, Any]:
        return {"key": self.key, "title": self.title, "modality": self.modality, "body_part": self.body_part,
                "sections": tidy(self.sections), "fields": tidy(self.fields), "about": self.about}  # fmt: skip


def faults_of(data: TemplateData) -> dict[str, str]:
    """{place: what is wrong there}, of the whole template."""
    faults = check(data.sections, data.fields)
    if not KEY.fullmatch(data.key):
        faults["key"] = "Small letters, digits and single hyphens, such as ct-chest."
    if not data.title.strip():
        faults["title"] = "This is needed."
    if data.modality not in ("", *(code for code, _name in MODALITIES)):
        faults["modality"] = "Not a modality of this installation."
    if set(data.about) - set(ABOUT) or not all(isinstance(text, str) for text in data.about.values()):
        faults["about"] = f"Texts: {', '.join(ABOUT)}."
    elif fault := next((fault for text in data.about.values() if (fault := fault_of_text(text))), ""):
        faults["about"] = fault
    return faults | faults_of_texts(ReportTemplate, {"key": data.key, "title": data.title, "body_part": data.body_part})


def require_good(data: TemplateData) -> None:
    if faults := faults_of(data):
        raise InvalidInput(MISTAKES, fields=faults)


@transaction.atomic
def begin_template(data: TemplateData, *, by: Actor) -> ReportTemplate:
    """A new draft: of a new template, or the next version of one that has this key."""
    require_templates(by)
    require_good(data)
    version = ReportTemplate.objects.next_version(data.key)
    row = ReportTemplate.objects.create(**data.columns(), version=version, changed_by_name=by.display[:160])
    audit.record("template.begun", row, by=by, key=row.key, version=version)
    return row


@transaction.atomic
def edit_template(template: ReportTemplate, data: TemplateData, *, revision: int, by: Actor) -> ReportTemplate:
    """Change a draft; `revision` is the one that the editor saw. The key of a template stays.

    Raises TransitionError for a version that was published, ConcurrentUpdateError for a stale revision.
    """
    row = _locked(template)
    require_templates(by)
    if row.revision != revision:
        raise ConcurrentUpdateError("Somebody else saved this template meanwhile. Open it again and look.")
    if data.key != row.key:
        raise InvalidInput("The key of a template stays.", fields={"key": "Begin another template instead."})
    require_good(data)
    who = by.display[:160]
    columns = data.columns() | {"revision": revision + 1, "changed_by_name": who, "changed_at": timezone.now()}
    TEMPLATE.advance(row, "edit", **columns)
    audit.record("template.edited", row, by=by, key=row.key, version=row.version)
    return row


@transaction.atomic
def publish_template(template: ReportTemplate, *, by: Actor) -> ReportTemplate:
    """New reports begin with this version from now on; the one before is retired. Open reports keep theirs."""
    require_templates(by)
    rows = ReportTemplate.objects.select_for_update().filter(key=template.key).order_by("pk")
    versions = {row.pk: row for row in rows}
    row = versions[template.pk]
    require_good(TemplateData.of(row))
    for other in versions.values():
        if other.pk != row.pk and other.offered:
            TEMPLATE.advance(other, "retire")
    TEMPLATE.advance(row, "publish", published_at=timezone.now())
    audit.record("template.published", row, by=by, key=row.key, version=row.version)
    return row


@transaction.atomic
def retire_template(template: ReportTemplate, *, by: Actor) -> ReportTemplate:
    """No new report begins with this version."""
    row = _locked(template)
    require_templates(by)
    TEMPLATE.advance(row, "retire")
    audit.record("template.retired", row, by=by, key=row.key, version=row.version)
    return row


@transaction.atomic
def keep_sample(name: str, reading: dict[str, Any], *, by: Actor) -> SampleReading:
    """Keep what an uploaded SR said, without the person it is of, to try mappings on."""
    require_templates(by)
    kept = {part: reading[part] for part in IMPERSONAL if part in reading}
    row = SampleReading.objects.create(name=name[:120], reading=kept, added_by_name=by.display[:160])
    audit.record("template.sample-kept", row, by=by)
    return row


def _locked(template: ReportTemplate) -> ReportTemplate:
    return ReportTemplate.objects.select_for_update().get(pk=template.pk)
