"""The order in which a radiologist would want to see earlier exams: anatomy, modality, side, recency. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final

from worklist.priors.anatomy import nearness

DAYS_A_YEAR: Final = 365.25
FADING_YEARS: Final = 10.0
LEAST: Final = 0.08
"""Below this an exam is listed among the others, not among the relevant ones."""

SAME, USUAL = 1.0, 0.5
PLAIN: Final = frozenset({"DX", "CR"})
MODALITIES: Final = {
    ("CT", "PT"): 0.85, ("CT", "MR"): 0.75, ("CT", "DX"): 0.55, ("CT", "US"): 0.6, ("CT", "XA"): 0.6, ("CT", "RF"): 0.5,
    ("CT", "NM"): 0.55, ("MR", "PT"): 0.7, ("MR", "DX"): 0.6, ("MR", "US"): 0.55, ("MR", "MG"): 0.85, ("MG", "US"): 0.8,
    ("NM", "PT"): 0.7, ("NM", "DX"): 0.5, ("NM", "US"): 0.6, ("RF", "DX"): 0.6, ("XA", "MR"): 0.55, ("DX", "US"): 0.4,
}  # fmt: skip

EITHER_SIDE, OTHER_SIDE = 0.9, 0.3
ONE_SIDED: Final = frozenset({"L", "R"})


@dataclass(frozen=True, slots=True)
class Exam:
    """What ranking needs to know. `day` is None when the archive does not say; `laterality` is L, R, B or ""."""

    key: int
    body_part: str
    modality: str
    laterality: str
    day: date | None


@dataclass(frozen=True, slots=True)
class Prior:
    """An earlier exam, and how much it matters here (0 to 1)."""

    exam: Exam
    relevance: float

    @property
    def is_relevant(self) -> bool:
        return self.relevance >= LEAST


def ranked(current: Exam, others: Iterable[Exam]) -> list[Prior]:
    """All others that are not later than the current exam, most relevant first, newer first among equals."""
    earlier = [exam for exam in others if not (exam.day and current.day and exam.day > current.day)]
    priors = [Prior(exam, round(relevance(current, exam), 4)) for exam in earlier]
    return sorted(priors, key=lambda prior: (-prior.relevance, -_ordinal(prior.exam), -prior.exam.key))


def relevance(current: Exam, other: Exam) -> float:
    return (
        nearness(current.body_part, other.body_part)
        * _modality(current.modality, other.modality)
        * _side(current.laterality, other.laterality)
        * _recency(current.day, other.day)
    )


def _modality(one: str, other: str) -> float:
    one, other = ("DX" if modality in PLAIN else modality for modality in (one, other))
    if one == other:
        return SAME
    return MODALITIES.get((one, other), MODALITIES.get((other, one), USUAL))


def _side(one: str, other: str) -> float:
    if one == other:
        return SAME
    return OTHER_SIDE if {one, other} == ONE_SIDED else EITHER_SIDE


def _recency(current: date | None, other: date | None) -> float:
    """Halved after ten years; an exam without a date counts like one of ten years ago."""
    if current is None or other is None:
        return USUAL
    years: float = max(0, (current - other).days) / DAYS_A_YEAR
    return FADING_YEARS / (FADING_YEARS + years)


def _ordinal(exam: Exam) -> int:
    return exam.day.toordinal() if exam.day else 0
