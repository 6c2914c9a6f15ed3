"""Drafts: opened with the template of the procedure, saved with an optimistic lock."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from reporting import permissions
from reporting.actions.holding import locked_report
from reporting.entries import FieldChanges, begun, entered
from reporting.lifecycle import REPORT
from reporting.models import Report
from reporting.offer import template_for
from reporting.prefill import prefill
from reporting.previous.reading import compared_with
from reporting.proofreading.roles import key_of
from reporting.technique import settled
from ris import audit
from ris.accounts.models import User
from ris.core.errors import ConcurrentUpdateError, InvalidInput
from ris.core.texts import fault_of_text
from ris.events import emit
from worklist.actions.reading import note_report
from worklist.models import ReadingTask

LONGEST_SECTION = 50_000
NO_CHANGES = FieldChanges()


@transaction.atomic
def open_report(task: ReadingTask, *, by: User) -> Report:
    """The draft of a case that `by` holds; made from the template on first opening, with what SRs already say.

    Raises NotPermitted when the case is another reader's.
    """
    task = ReadingTask.objects.select_for_update().get(pk=task.pk)
    existing = task.reports.standing().select_related("template", "task").first()
    if existing is not None:
        return existing
    permissions.require_write(by, task)
    template = template_for(task, by)
    sections = {section["key"]: section.get("text", "") for section in template.sections}
    comparison = key_of(template.sections, "comparison")
    if comparison and (compared := compared_with(task, by, template.language)):
        sections[comparison] = compared
    report = Report.objects.create(
        task=task, site_id=task.site_id, template=template, author_id=str(by.pk), author_name=by.display,
        content={"sections": sections, "fields": begun(template, by)},
    )  # fmt: skip
    prefill(report, first=True)
    audit.record("report.opened", report, by=by, patient=task.patient_id)
    return report


@transaction.atomic
def save_draft(
    report: Report,
    *,
    revision: int,
    sections: Mapping[str, str],
    fields: FieldChanges = NO_CHANGES,
    by: User,
) -> Report:
    """Keep what was typed, whatever it is: a field's text that is no value is kept with what is wrong with it.

    `revision` is the one the writer saw; a stale one raises ConcurrentUpdateError.
    """
    report = locked_report(report)
    permissions.require_write(by, report.task)
    _require_revision(report, revision)
    content = _changed(report, sections, fields, by=by)
    first = _is_first_save(report)
    saved = {"saved_at": timezone.now(), "saved_by_id": str(by.pk)}
    REPORT.advance(report, "save", content=content, revision=report.revision + 1, **saved)
    if fields.may_free:
        prefill(report)
    if first:
        audit.record("report.drafted", report, by=by, patient=report.task.patient_id)
    if not report.task.report_state:
        emit("report.drafted", report, by=by)
    note_report(report.task, "draft", report_state=report.state)
    return report


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


def _changed(report: Report, sections: Mapping[str, str], fields: FieldChanges, *, by: User) -> dict[str, Any]:
    known = {section["key"] for section in report.sections}
    faults = {key: fault for key, text in sections.items() if (fault := fault_of_text(text, longest=LONGEST_SECTION))}
    faults |= {key: "The template has no such section." for key in sections if key not in known}
    if faults:
        raise InvalidInput("The draft was not saved.", fields=faults)
    texts = settled(report, {key: text.replace("\r\n", "\n") for key, text in sections.items()})
    held = entered(report, fields, by=by)
    return {**report.content, "sections": report.content["sections"] | texts, "fields": held}
