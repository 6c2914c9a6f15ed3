"""The technique section, composed from the record of the exam, until its writer touches it."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from reporting.models import Report
from ris.scheduling.models import ScheduledProcedureStep
from worklist.actions.sides import DERIVED
from worklist.exam.page import dose_words
from worklist.exam.record import BROKEN_OFF, QUANTITIES, ContrastGiven, DoseEntry, ReceivedSeries, Remark, Repeat
from worklist.models import PerformedDose, ReadingTask

SECTION = "technique"
REMEMBERED = 8
MOST_SERIES = 6


def compose(report: Report) -> list[str]:
    """Write the exam's record into an untouched technique section; returns the key when the text changed.

    Part of the caller's transaction, which saves the report. A section that a writer changed stays theirs.
    """
    base = _base(report)
    if base is None or not _untouched(report, base):
        return []
    text = "\n".join(part for part in (base, *lines_of(report.task)) if part)
    current = report.content["sections"].get(SECTION, "")
    held = report.content.get("composed") or {}
    if text == current and held:
        return []
    before = [*held.get("before", []), current][-REMEMBERED:]
    sections = {**report.content["sections"], SECTION: text}
    report.content = {**report.content, "sections": sections, "composed": {"text": text, "before": before}}
    return [SECTION] if text != current else []


def composed_text(report: Report) -> str | None:
    """What was composed, while it stands as it was composed."""
    held = report.content.get("composed") or {}
    return held["text"] if held and held["text"] == report.content["sections"].get(SECTION) else None


def settled(report: Report, sections: dict[str, str]) -> dict[str, str]:
    """A page that did not see the newest composed text sends an older one back: that is no change by its writer."""
    newest = composed_text(report)
    if newest is None or sections.get(SECTION) not in report.content["composed"]["before"]:
        return sections
    return sections | {SECTION: newest}


def _base(report: Report) -> str | None:
    """What the template begins with; None when it has no such section."""
    texts = [section.get("text", "") for section in report.template.sections if section["key"] == SECTION]
    return texts[0] if texts else None


def _untouched(report: Report, base: str) -> bool:
    held = report.content.get("composed") or {}
    return bool(report.content["sections"].get(SECTION, "") == (held["text"] if held else base))


def lines_of(task: ReadingTask) -> list[str]:
    """What the record says that a reader of the report should know, a line each."""
    steps = ScheduledProcedureStep.objects.filter(requested_procedure__in=task.requested_procedures.all())
    return [line for line in (*_contrast(steps), _dose(steps), _series(task), _repeats(steps), *_ends(steps)) if line]


def _standing(model: Any, steps: QuerySet[ScheduledProcedureStep]) -> Any:
    return model.objects.filter(step__in=steps, struck_at__isnull=True).order_by("at", "pk")


def _contrast(steps: QuerySet[ScheduledProcedureStep]) -> list[str]:
    rows = list(_standing(ContrastGiven, steps).select_related("agent"))
    amounts = [f"{row.volume_ml.normalize():f} mL {row.agent}, {row.get_route_display().lower()}" for row in rows]
    reactions = [
        f"{row.get_reaction_display()} reaction to {row.agent}: {row.reaction_text}."
        for row in rows
        if row.reaction != "none"
    ]
    return [f"Contrast: {'; '.join(amounts)}.", *reactions] if rows else []


def _dose(steps: QuerySet[ScheduledProcedureStep]) -> str:
    """By hand before by device: of one quantity only the one, of both sources what the other lacks."""
    by_hand = list(_standing(DoseEntry, steps))
    known = {QUANTITIES[row.quantity][0] for row in by_hand}
    told = PerformedDose.objects.filter(performed__steps__in=steps, performed__wrong_patient=False).distinct()
    reported = [words for dose in told for words in dose_words(dose) if not any(words.startswith(one) for one in known)]
    words = [*(row.words for row in by_hand), *reported]
    return f"Dose: {', '.join(words)}." if words else ""


def _series(task: ReadingTask) -> str:
    """What was made; objects about images are no part of it."""
    rows = list(ReceivedSeries.objects.filter(study__in=task.studies()).exclude(modality__in=DERIVED))
    names = list(dict.fromkeys(row.description for row in rows if row.description))
    images = sum(row.images for row in rows)
    if not names:
        return ""
    count = f"{len(rows)} series, {images} image{'' if images == 1 else 's'}"
    return f"Series: {', '.join(names)} ({count})." if len(names) <= MOST_SERIES else f"{count}."


def _repeats(steps: QuerySet[ScheduledProcedureStep]) -> str:
    rows = _standing(Repeat, steps).filter(reason__in_report=True).select_related("reason")
    reasons = ", ".join(dict.fromkeys(row.reason.name.lower() for row in rows))
    return f"Images were repeated: {reasons}." if reasons else ""


def _ends(steps: QuerySet[ScheduledProcedureStep]) -> list[str]:
    rows = _standing(Remark, steps).filter(category=BROKEN_OFF)
    return [f"The exam was broken off: {row.text.rstrip('.')}." for row in rows]
