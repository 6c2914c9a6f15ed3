"""Wet reads: said at once, seen at once."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from ris import audit
from ris.accounts.models import User
from ris.core.errors import InvalidInput, TransitionError
from ris.core.texts import fault_of_text
from ris.events import emit
from worklist import permissions
from worklist.lifecycle import READING
from worklist.models import ReadingTask
from worklist.reading.grades import is_graded
from worklist.reading.standing import COUNTS
from worklist.reading.wet import GRADES, LINES, LONGEST_LINE, WetGrade, WetRead


@transaction.atomic
def wet_read(task: ReadingTask, *, text: str, told_to: str, told_at: datetime | None = None, by: User) -> WetRead:
    """Keep two lines and who was told them when (None: now). A later one is added, none is changed.

    Raises NotPermitted, InvalidInput, TransitionError when the images are closed or the report is signed.
    """
    task = ReadingTask.objects.select_for_update().get(pk=task.pk)
    permissions.require_read(by, task)
    if task.held:
        raise TransitionError("The images of this case are another patient's and were closed. Nothing can be said now.")
    if not READING.within(task, "open"):
        raise TransitionError("The report is signed, or the case was cancelled. Correct the report instead.")
    now = timezone.now()
    lines, told = _lines(text), " ".join(told_to.split())
    faults = _faults(lines, told, told_at, now)
    if faults:
        raise InvalidInput("The wet read was not kept.", fields=faults)
    kept = WetRead.objects.create(
        task=task, text="\n".join(lines), told_to=told, told_at=told_at or now, reader=by, at=now
    )
    ReadingTask.objects.filter(pk=task.pk).update(changed_at=now)
    audit.record("reading.wet-read", task, by=by, wet_read=kept.pk)
    emit("reading.wet-read", task, by=by, wet_read=kept.pk)
    return kept


def to_grade(task: ReadingTask, by: User) -> WetRead | None:
    """The newest that another reader said of the case and its images, while no version in force grades it."""
    others = WetRead.objects.filter(task=task).exclude(reader=by).select_related("task", "reader")
    found = others.with_standing().first()
    return None if found is None or found.standing != COUNTS or is_graded(found) else found


def require_wet_grade(grade: str) -> None:
    """Raise InvalidInput for a word that is no grade."""
    if grade not in dict(GRADES):
        raise InvalidInput("Choose how far you agree with the wet read.", fields={"wet_grade": "Choose one of them."})


def grade_wet_read(found: WetRead, grade: str, *, version: int, by: User) -> WetGrade:
    """Part of reporting's transaction that signs this final version. Raises NotPermitted, InvalidInput."""
    permissions.require_read(by, found.task)
    require_wet_grade(grade)
    kept = WetGrade.objects.create(wet_read=found, version=version, grade=grade, by=by, at=timezone.now())
    audit.record("reading.wet-read-graded", found.task, by=by, wet_read=found.pk, grade=grade)
    return kept


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _faults(lines: list[str], told: str, told_at: datetime | None, now: datetime) -> dict[str, str]:
    faults = {}
    if not 1 <= len(lines) <= LINES:
        faults["text"] = "One or two lines: what must be known now."
    elif any(len(line) > LONGEST_LINE for line in lines):
        faults["text"] = f"A line holds {LONGEST_LINE} characters."
    elif fault := next((fault for line in lines if (fault := fault_of_text(line, longest=LONGEST_LINE))), ""):
        faults["text"] = fault
    if fault := fault_of_text(told, longest=80) if told else "Who was told? A name, or a function.":
        faults["told_to"] = fault
    if told_at is not None and told_at > now:
        faults["told_at"] = "This time is still to come."
    return faults
