"""What the record of an exam tells those who read it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ris.orders.models import SIDE_WORDS
from worklist.exam.record import Remark, SideCheck
from worklist.lists import fingerprint
from worklist.models import ReadingTask

TOLD = ("differs", "partial")


def open_sides(task: ReadingTask) -> list[SideCheck]:
    """Images of the case that name another side than the order, for which nobody has answered."""
    return [check for check in sides_of_case(task) if check.stops]


def sides_of_case(task: ReadingTask) -> list[SideCheck]:
    """Every comparison of the case's studies that differed, answered or not."""
    rows = SideCheck.objects.filter(requested_procedure__in=task.requested_procedures.all(), study__in=task.studies())
    return list(rows.filter(verdict__in=TOLD).select_related("requested_procedure__procedure"))


def side_words(check: SideCheck) -> str:
    """The order says LEFT, the images say RIGHT (series 2, series description: KNEE RIGHT)."""
    named = sorted({item["side"] for item in check.evidence})
    seen = " and ".join(SIDE_WORDS[side] for side in named) or "one side only"
    return f"The order says {SIDE_WORDS[check.ordered]}, the images say {seen}{_places(check.evidence)}."


def _places(evidence: Iterable[dict[str, object]]) -> str:
    places = [
        f"{'series ' + str(item['series']) + ', ' if item['series'] is not None else ''}{item['where']}: {item['text']}"
        for item in evidence
    ]
    return f" ({'; '.join(places[:4])}{'; …' if len(places) > 4 else ''})" if places else ""


def notes_for(task: ReadingTask) -> list[Remark]:
    """What technologists wrote to whoever reads the case, oldest first."""
    rows = Remark.objects.filter(step__requested_procedure__in=task.requested_procedures.all(), kind="note")
    return list(rows.filter(struck_at__isnull=True).order_by("at", "pk"))


def told(checks: Iterable[SideCheck]) -> list[dict[str, Any]]:
    """Each comparison with its sentence."""
    return [{"check": check, "words": side_words(check)} for check in checks]


def for_reader(task: ReadingTask) -> dict[str, Any]:
    """Notes and sides, for the pane beside the images."""
    notes = notes_for(task)
    sides = told(sides_of_case(task))
    seen = ([note.pk for note in notes], [(row["check"].pk, row["check"].stops, row["words"]) for row in sides])
    return {"task": task, "notes": notes, "sides": sides, "version": fingerprint(seen)}
