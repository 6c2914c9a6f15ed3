"""Whether a wet read is still about images of its exam. Nothing is kept of that: it follows the links of the studies,
and so counts again once a decision is undone.
"""

from __future__ import annotations

from typing import Final

from django.db.models import Case, CharField, Exists, OuterRef, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce

from worklist.lifecycle import STUDY
from worklist.models import StudyLink, WrongPatient
from worklist.rehoming.rows import Rehoming

COUNTS: Final = "counts"
TAKEN: Final = "taken"
VOID: Final = "void"
PERSON: Final = "requested_procedure__order__patient"


def standing() -> Case:
    """For rows of WetRead: VOID when images that it was said of were another patient's, TAKEN when some are not there.

    Images that went to another exam of the same person, or of which nobody knows more, are TAKEN: what was said of them
    may well be true.
    """
    gone = _gone()
    others = gone.filter(Exists(_reported()) | Exists(_moved_to_others()))
    return Case(
        When(Exists(others) | Exists(_series_of_others()), then=Value(VOID)),
        When(Q(task__held=True) | Exists(gone), then=Value(TAKEN)),
        default=Value(COUNTS),
        output_field=CharField(),
    )


def _gone() -> QuerySet[StudyLink]:
    """Links, at the time that it was said, to studies of which the case shows nothing now."""
    there = StudyLink.objects.filter(
        study=OuterRef("study"), active=True, study__state__in=STUDY.groups["readable"],
        requested_procedure__reading_tasks=OuterRef(OuterRef("task")),
    )  # fmt: skip
    then = Q(ended_at=None) | Q(ended_at__gt=OuterRef("at"))
    links = StudyLink.objects.filter(then, linked_at__lte=OuterRef("at"))
    return links.filter(~Exists(there), requested_procedure__reading_tasks=OuterRef("task"))


def _reported() -> QuerySet[WrongPatient]:
    """The device or a technologist said afterwards that the study is another patient's."""
    uid = OuterRef("study__study_instance_uid")
    return WrongPatient.objects.filter(study_instance_uid=uid, said_at__gte=OuterRef(OuterRef("at")))


def _series_of_others() -> QuerySet[Rehoming]:
    """Series of a study of the case were moved afterwards to an exam of another person."""
    own = {"study__links__requested_procedure__reading_tasks": OuterRef("task")}
    return Rehoming.objects.of_series().filter(asked_at__gte=OuterRef("at"), **own)


def _moved_to_others() -> QuerySet[StudyLink]:
    """The study was linked afterwards to an exam of another person."""
    since = StudyLink.objects.filter(study=OuterRef("study"), linked_at__gte=OuterRef(OuterRef("at")))
    person = Coalesce(f"{PERSON}__merged_into", PERSON)
    own = Coalesce(OuterRef(OuterRef("task__patient__merged_into")), OuterRef(OuterRef("task__patient")))
    return since.annotate(person=person).exclude(person=own)
