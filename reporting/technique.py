"""The technique section, composed from the record of the exam, until its writer touches it."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from reporting.models import Report
from reporting.proofreading.roles import key_of
from reporting.render.exam_words import ExamWords, exam_words
from ris.scheduling.models import ScheduledProcedureStep
from worklist.actions.sides import DERIVED
from worklist.exam.page import dose_words
from worklist.exam.record import BROKEN_OFF, QUANTITIES, ContrastGiven, DoseEntry, ReceivedSeries, Remark, Repeat
from worklist.models import PerformedDose, ReadingTask

REMEMBERED = 8
MOST_SERIES = 6


def compose(report: Report) -> list[str]:
    """Write the exam's record into an untouched technique section; returns the key when the text changed.

    Part of the caller's transaction, which saves the report. A section that a writer changed stays theirs.
    """
    key = section_of(report)
    base = _base(report, key)
    if base is None or not _untouched(report, key, base):
        return []
    text = "\n".join(part for part in (base, *lines_of(report.task, report.template.language)) if part)
    current = report.content["sections"].get(key, "")
    held = report.content.get("composed") or {}
    if text == current and held:
        return []
    before = [*held.get("before", []), current][-REMEMBERED:]
    sections = {**report.content["sections"], key: text}
    report.content = {**report.content, "sections": sections, "composed": {"text": text, "before": before}}
    return [key] if text != current else []


def composed_text(report: Report) -> str | None:
    """What was composed, while it stands as it was composed."""
    held = report.content.get("composed") or {}
    return held["text"] if held and held["text"] == report.content["sections"].get(section_of(report)) else None


def section_of(report: Report) -> str:
    """The key of its template's technique section; "" without one."""
    return key_of(report.template.sections, "technique")


def settled(report: Report, sections: dict[str, str]) -> dict[str, str]:
    """A page that did not see the newest composed text sends an older one back: that is no change by its writer."""
    newest, key = composed_text(report), section_of(report)
    if newest is None or sections.get(key) not in report.content["composed"]["before"]:
        return sections
    return sections | {key: newest}


def _base(report: Report, key: str) -> str | None:
    """What the template begins with; None when it has no such section."""
    texts = [section.get("text", "") for section in report.template.sections if section["key"] == key]
    return texts[0] if texts else None


def _untouched(report: Report, key: str, base: str) -> bool:
    held = report.content.get("composed") or {}
    return bool(report.content["sections"].get(key, "") == (held["text"] if held else base))


def lines_of(task: ReadingTask, language: str) -> list[str]:
    """What the record says that a reader of the report should know, a line each, in the report's language."""
    said = exam_words(language)
    steps = ScheduledProcedureStep.objects.filter(requested_procedure__in=task.requested_procedures.all())
    return [line for line in (*_contrast(steps, said), _dose(steps, said), _series(task, said), _repeats(steps, said),
                            *_ends(steps, said)) if line]  # fmt: skip


def _standing(model: Any, steps: QuerySet[ScheduledProcedureStep]) -> Any:
    return model.objects.filter(step__in=steps, struck_at__isnull=True).order_by("at", "pk")


def _contrast(steps: QuerySet[ScheduledProcedureStep], said: ExamWords) -> list[str]:
    rows = list(_standing(ContrastGiven, steps).select_related("agent"))
    amounts = [
        said.given.format(
            volume=f"{row.volume_ml.normalize():f}",
            agent=row.agent,
            route=said.routes.get(row.route, row.get_route_display().lower()),
        )
        for row in rows
    ]
    reactions = [
        said.reaction.format(
            degree=said.reactions.get(row.reaction, row.get_reaction_display()), agent=row.agent, text=row.reaction_text
        )
        for row in rows
        if row.reaction != "none"
    ]
    return [said.contrast.format(amounts="; ".join(amounts)), *reactions] if rows else []


def _dose(steps: QuerySet[ScheduledProcedureStep], said: ExamWords) -> str:
    """By hand before by device: of one quantity only the one, of both sources what the other lacks."""
    by_hand = list(_standing(DoseEntry, steps))
    known = {QUANTITIES[row.quantity][0] for row in by_hand}
    told = PerformedDose.objects.filter(performed__steps__in=steps, performed__wrong_patient=False).distinct()
    reported = [words for dose in told for words in dose_words(dose) if not any(words.startswith(one) for one in known)]
    values = [said.dose_of(words) for words in (*(row.words for row in by_hand), *reported)]
    return said.dose.format(values=", ".join(values)) if values else ""


def _series(task: ReadingTask, said: ExamWords) -> str:
    """What was made; objects about images are no part of it."""
    rows = list(ReceivedSeries.objects.filter(study__in=task.studies()).exclude(modality__in=DERIVED))
    names = list(dict.fromkeys(row.description for row in rows if row.description))
    if not names:
        return ""
    count = said.count(len(rows), sum(row.images for row in rows))
    return said.made.format(names=", ".join(names), count=count) if len(names) <= MOST_SERIES else f"{count}."


def _repeats(steps: QuerySet[ScheduledProcedureStep], said: ExamWords) -> str:
    rows = _standing(Repeat, steps).filter(reason__in_report=True).select_related("reason")
    names = [row.reason.name.lower() if said.lowers else row.reason.name for row in rows]
    return said.repeated.format(reasons=", ".join(dict.fromkeys(names))) if names else ""


def _ends(steps: QuerySet[ScheduledProcedureStep], said: ExamWords) -> list[str]:
    rows = _standing(Remark, steps).filter(category=BROKEN_OFF)
    return [said.broken_off.format(text=row.text.rstrip(".")) for row in rows]
