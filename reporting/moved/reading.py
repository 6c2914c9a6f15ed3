"""Which images of a signed report's exam were moved away since: read from the links, never kept twice.

A newer version answers for what was gone when it was signed; images that come back are its images again.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import models

from reporting.lifecycle import REPORT
from reporting.models import Report, ReportQuerySet, ReportVersion
from worklist.lifecycle import STUDY
from worklist.models import ReadingTask, Study, StudyLink
from worklist.rehoming.rows import Rehoming

CLOSED = "They were reported as another patient’s, and are closed."
ANOTHERS = "They belong to another patient’s exam now."
OTHER_EXAM = "They belong to another exam of this patient now."
WAITING = "Whose they are is not known yet."


@dataclass(frozen=True, slots=True)
class Moved:
    """A study that the report was written on: when it left the exam, by whom ("" when nobody was named), where to.

    `series` counts those of it that went, where not all of it did.
    """

    study: Study
    at: datetime
    by: str
    where: str
    series: int = 0


def moved_images(report: Report) -> list[Moved]:
    """The latest to leave first."""
    signed = REPORT.within(report, "signed") or report.held_from
    if not signed or not _without_images(Report.objects.filter(pk=report.pk)).exists():
        return []
    version = report.newest_in_force
    links = StudyLink.objects.filter(requested_procedure__reading_tasks=report.task_id).select_related("study")
    newest = {link.study_id: link for link in links.order_by("ended_at", "pk")}
    here = set(_links_of_case(models.Value(report.task_id)).values_list("study_id", flat=True))
    found = [_moved(link, report.task) for key, link in newest.items() if key not in here]
    parted = Rehoming.objects.of_series().filter(study__in=here).select_related("study").order_by("pk")
    found += [Moved(one.study, one.asked_at, one.asked_by, ANOTHERS, len(one.series)) for one in parted]
    return sorted((one for one in found if version and one.at > version.created_at), key=lambda one: one.at)[::-1]


def told_of_moves(reports: ReportQuerySet) -> ReportQuerySet:
    """Each with `images_moved`: whether it has lost images since it was signed."""
    return reports.annotate(
        images_moved=models.Exists(_without_images(Report.objects.filter(pk=models.OuterRef("pk"))))
    )


def without_their_images(reports: Iterable[Report]) -> set[int]:
    """Those of `reports`, by their keys, that have lost images since they were signed."""
    return set(_without_images(Report.objects.filter(pk__in=[one.pk for one in reports])).values_list("pk", flat=True))


def _without_images(reports: models.QuerySet[Report]) -> models.QuerySet[Report]:
    in_force = ReportVersion.objects.in_force().filter(report=models.OuterRef("pk")).order_by("-number")
    signed = REPORT.groups["signed"]
    rows = reports.filter(models.Q(state__in=signed) | models.Q(held_from__in=signed))
    rows = rows.annotate(newest_at=models.Subquery(in_force.values("created_at")[:1]))
    stays = _links_of_case(models.OuterRef(models.OuterRef("task_id"))).filter(study=models.OuterRef("study"))
    of_case = StudyLink.objects.filter(requested_procedure__reading_tasks=models.OuterRef("task_id"))
    left = of_case.filter(ended_at__gt=models.OuterRef("newest_at")).filter(~models.Exists(stays))
    closed = of_case.filter(
        active=True,
        study__state__in=STUDY.groups["closed"],
        study__wrong_patients__said_at__gt=models.OuterRef("newest_at"),
    )
    parted = Rehoming.objects.of_series().filter(
        asked_at__gt=models.OuterRef("newest_at"),
        study__links__requested_procedure__reading_tasks=models.OuterRef("task_id"),
    )
    return rows.filter(models.Exists(left) | models.Exists(closed) | models.Exists(parted))


def _links_of_case(task: models.Value | models.OuterRef) -> models.QuerySet[StudyLink]:
    """Of the studies that are the case's now, open or on their way to its patient's name at the archive."""
    links = StudyLink.objects.filter(requested_procedure__reading_tasks=task, active=True)
    return links.exclude(study__state__in=STUDY.groups["closed"])


def _moved(link: StudyLink, task: ReadingTask) -> Moved:
    study = link.study
    said = study.wrong_patients.order_by("said_at", "pk").last()
    if said and STUDY.within(study, "closed"):
        return Moved(study, said.said_at, said.said_by, CLOSED)
    at = link.ended_at or study.changed_at
    return Moved(study, at, link.ended_by, _where(study, task))


def _where(study: Study, task: ReadingTask) -> str:
    now = study.links.filter(active=True).select_related("requested_procedure__order__patient__merged_into").first()
    if now is None:
        return WAITING
    same = now.requested_procedure.order.patient.current.pk == task.patient.current.pk
    return OTHER_EXAM if same else ANOTHERS
