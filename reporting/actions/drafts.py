"""Drafts: opened with the template of the procedure, saved with an optimistic lock."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from reporting import permissions
from reporting.lifecycle import REPORT
from reporting.models import Report, ReportTemplate
from reporting.prefill import prefill
from reporting.technique import settled
from ris import audit
from ris.accounts.models import User
from ris.core.errors import ConcurrentUpdateError, InvalidInput, NotFound
from ris.core.texts import fault_of_text
from ris.events import emit
from worklist.actions.reading import note_report
from worklist.models import ReadingTask

LONGEST_SECTION = 50_000


@transaction.atomic
def open_report(task: ReadingTask, *, by: User) -> Report:
    """The draft of a case that `by` holds; made from the template on first opening, with what SRs already say.

    Raises NotPermitted when the case is another reader's.
    """
    task = ReadingTask.objects.select_for_update().get(pk=task.pk)
    existing = task.reports.select_related("template", "task").first()
    if existing is not None:
        return existing
    permissions.require_write(by, task)
    template = template_for(task)
    sections = {section["key"]: section.get("text", "") for section in template.sections}
    report = Report.objects.create(
        task=task, site_id=task.site_id, template=template, author_id=str(by.pk), author_name=by.display,
        content={"sections": sections, "fields": {field["key"]: None for field in template.fields}},
    )  # fmt: skip
    prefill(report)
    audit.record("report.opened", report, by=by, patient=task.patient_id)
    return report


def template_for(task: ReadingTask) -> ReportTemplate:
    """The procedure's own template, else the modality's, else the plain one."""
    procedures = [requested.procedure for requested in task.requested_procedures.select_related("procedure")]
    active = ReportTemplate.objects.filter(active=True)
    keys = [procedure.template_key for procedure in procedures if procedure.template_key]
    modalities = [procedure.modality for procedure in procedures]
    found = (
        active.filter(key__in=keys).first()
        or active.filter(modality__in=modalities).order_by("key").first()
        or active.filter(modality="").order_by("key").first()
    )
    if found is None:
        raise NotFound("There is no report template. An administrator can add one under Report templates.")
    return found


@transaction.atomic
def save_draft(
    report: Report,
    *,
    revision: int,
    sections: Mapping[str, str],
    removed_fields: frozenset[str] = frozenset(),
    restored_fields: frozenset[str] = frozenset(),
    by: User,
) -> Report:
    """Keep what was typed. `revision` is the one the writer saw; a stale one raises ConcurrentUpdateError.

    `removed_fields` names measurement fields that the writer emptied; they are not filled again by themselves, unless
    `restored_fields` takes them in again.
    """
    ReadingTask.objects.select_for_update().get(pk=report.task_id)
    report = Report.objects.select_for_update(of=("self",)).select_related("task", "template").get(pk=report.pk)
    permissions.require_write(by, report.task)
    _require_revision(report, revision)
    content = _changed(report, sections, removed_fields)
    begun = _is_first_save(report)
    REPORT.advance(report, "save", content=content, revision=report.revision + 1, saved_at=timezone.now())
    if _restored(report, restored_fields):
        prefill(report)
    if begun:
        audit.record("report.drafted", report, by=by, patient=report.task.patient_id)
    if not report.task.report_state:
        emit("report.drafted", report, by=by)
    note_report(report.task, "draft", report_state=report.state)
    return report


def _restored(report: Report, keys: frozenset[str]) -> bool:
    """Forget that fields were left out; whether there was any."""
    fields = report.content["fields"]
    found = {key for key in keys if (fields.get(key) or {}).get("removed")}
    report.content = {**report.content, "fields": fields | dict.fromkeys(found)}
    if found:
        report.save(update_fields=["content"])
    return bool(found)


def _is_first_save(report: Report) -> bool:
    """The first since this reader took the case: written down once, not every few seconds."""
    claimed_at = report.task.claimed_at
    return report.saved_at is None or claimed_at is None or report.saved_at < claimed_at


def _require_revision(report: Report, revision: int) -> None:
    if report.revision != revision:
        raise ConcurrentUpdateError(
            "This report was saved elsewhere since you opened it. Your text is still in the page: copy it, reload, "
            "and join the two."
        )


def _changed(report: Report, sections: Mapping[str, str], removed: frozenset[str]) -> dict[str, Any]:
    known = {section["key"] for section in report.sections}
    faults = {key: fault for key, text in sections.items() if (fault := fault_of_text(text, longest=LONGEST_SECTION))}
    faults |= {key: "The template has no such section." for key in sections if key not in known}
    if faults:
        raise InvalidInput("The draft was not saved.", fields=faults)
    texts = settled(report, {key: text.replace("\r\n", "\n") for key, text in sections.items()})
    fields = dict(report.content["fields"]) | dict.fromkeys(removed & set(report.content["fields"]), {"removed": True})
    return {**report.content, "sections": report.content["sections"] | texts, "fields": fields}
