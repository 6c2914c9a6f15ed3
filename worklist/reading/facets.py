"""What the list narrows by, kept on the case itself: a list over a million exams joins nothing."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from django.db import models
from django.db.models import Sum
from django.utils import timezone

IMAGES: Final = [
    ("unknown", "Unknown"),
    ("none", "None yet"),
    ("partial", "Partial"),
    ("complete", "Complete"),
]
# What readers and this system store beside the images.
NO_IMAGES: Final = frozenset({"SR", "KO", "PR", "SEG", "DOC", "REG", "RTSTRUCT", "RTPLAN", "RTDOSE"})


def packed(words: Iterable[str], longest: int) -> str:
    """ "|CT|PT|": each word once, findable as "|CT|"; cut at a word's end."""
    found = "|"
    for word in dict.fromkeys(words):
        if word and len(found) + len(word) < longest:
            found += f"{word}|"
    return found if len(found) > 1 else ""


def image_state(images: int, expected: int | None) -> str:
    """`expected` is None when neither device nor catalogue says how many there should be."""
    if expected is None:
        return "unknown" if images else "none"
    if images >= expected:
        return "complete"
    return "partial" if images else "none"


def images_of(study: models.Model) -> int:
    """Images of a study, without measurements, reports and the like as far as its series are known."""
    series = study.received_series.exclude(modality__in=NO_IMAGES)  # type: ignore[attr-defined]
    known = series.aggregate(n=Sum("images"))["n"]
    return int(study.instance_count if known is None else known)  # type: ignore[attr-defined]


def describe(task: models.Model) -> dict[str, object]:
    """Modalities, body parts and the exam's time of a case, from its procedures."""
    procedures = [one.procedure for one in task.requested_procedures.select_related("procedure")]  # type: ignore[attr-defined]
    begun = task.requested_procedures.aggregate(at=models.Min("steps__started_at"))["at"]  # type: ignore[attr-defined]
    return {
        "modalities": packed((one.modality for one in procedures), 40),
        "body_parts": packed((one.body_part.upper() for one in procedures), 160),
        "exam_at": begun or timezone.now(),
    }
