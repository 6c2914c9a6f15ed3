"""The earlier exams of a case's patient, across merged records, in the order in which they matter for the case."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import partial

from ris.accounts.models import User
from ris.core import panels
from ris.orders.models import SIDE_WORDS
from ris.patients.models import Patient
from worklist.lifecycle import STUDY
from worklist.models import ReadingTask, Study, StudyLink
from worklist.outside.rows import OutsideStudy
from worklist.priors.ranking import Exam, Prior, ranked, relevance

MOST = 200
"""Of one patient; more than these are found in the patient file."""

REPORTS = "prior-reports"
"""The place where reporting says which of the given procedures have a signed report: {procedure: report}."""


@dataclass(frozen=True, slots=True)
class Earlier:
    """One earlier study as a list shows it. `months` before the case's own exam; None when a date is missing.

    A study may answer several procedures: the one nearest to the case ranks it, and each has its report.
    """

    study: Study
    name: str
    side: str
    day: date | None
    months: int | None
    is_relevant: bool
    report_ids: tuple[int, ...] = field(default=())
    outside: OutsideStudy | None = field(default=None)

    @property
    def report_id(self) -> int | None:
        return self.report_ids[0] if self.report_ids else None

    @property
    def years(self) -> int | None:
        return None if self.months is None else self.months // 12


def priors_of(task: ReadingTask, user: User) -> list[Earlier]:
    """What the user may open of the patient's other studies; seven queries, however many there are."""
    own = list(task.studies())
    family = Patient.objects.family(task.patient)
    links = StudyLink.objects.filter(active=True, requested_procedure__order__patient__in=family)
    visible = Study.objects.visible_to(user).filter(state__in=STUDY.groups["readable"])
    links = links.filter(study__in=visible.values("pk")).exclude(study__in=[study.pk for study in own])
    newest = links.select_related("study", "requested_procedure__procedure").order_by("-study__study_date", "pk")
    found: dict[int, list[StudyLink]] = defaultdict(list)
    for link in newest[:MOST]:
        found[link.study_id].append(link)
    brought = OutsideStudy.objects.filter(patient__in=family, study__in=visible.values("pk")).select_related("study")
    outside = {one.study_id: one for one in brought.order_by("-study__study_date", "pk")[:MOST]}
    current = _current(task, own)
    exams = [max((_exam(link) for link in links), key=partial(relevance, current)) for links in found.values()]
    exams += [_outside_exam(one) for key, one in outside.items() if key not in found]
    reports = reports_of([link.requested_procedure_id for links in found.values() for link in links], user)
    return [
        _earlier(prior, found[prior.exam.key], current, reports)
        if prior.exam.key in found
        else _brought(prior, outside[prior.exam.key], current)
        for prior in ranked(current, exams)
    ]


def _current(task: ReadingTask, own: list[Study]) -> Exam:
    requested = task.requested_procedures.select_related("procedure").first()
    days = [day for study in own if (day := _day(study))]
    procedure = requested.procedure if requested else None
    return Exam(
        key=0,
        body_part=procedure.body_part if procedure else "",
        modality=procedure.modality if procedure else "",
        laterality=requested.laterality if requested else "",
        day=max(days, default=task.created_at.date()),
    )


def _exam(link: StudyLink) -> Exam:
    requested, procedure = link.requested_procedure, link.requested_procedure.procedure
    return Exam(link.study_id, procedure.body_part, procedure.modality, requested.laterality, _day(link.study))


def _day(study: Study) -> date | None:
    """The archive's study date (DA); None for what is no date."""
    try:
        return datetime.strptime(study.study_date, "%Y%m%d").date()  # noqa: DTZ007  a day, not an instant
    except ValueError:
        return None


def reports_of(procedures: Iterable[int], user: User) -> dict[int, int]:
    """{procedure: report}, of those with a signed report that the user may read."""
    found: dict[int, int] = {}
    for part in panels.collect(REPORTS, list(procedures), user):
        found.update(part)
    return found


def _outside_exam(one: OutsideStudy) -> Exam:
    """As its own house described it; what that left out is guessed from nothing."""
    modality = one.modality or next(iter(one.study.modalities), "")
    return Exam(one.study_id, one.body_part, modality, one.laterality, _day(one.study))


def _brought(prior: Prior, one: OutsideStudy, current: Exam) -> Earlier:
    return Earlier(
        study=one.study,
        name=one.study.description or one.modality or "Study",
        side=SIDE_WORDS.get(one.laterality, ""),
        day=prior.exam.day,
        months=_months(prior.exam.day, current.day),
        is_relevant=prior.is_relevant,
        outside=one,
    )


def _months(day: date | None, now: date | None) -> int | None:
    return (now.year - day.year) * 12 + now.month - day.month if day and now else None


def _earlier(prior: Prior, links: list[StudyLink], current: Exam, reports: dict[int, int]) -> Earlier:
    """What ranks it is named first, its report too."""
    links = sorted(links, key=lambda link: _exam(link) != prior.exam)
    requested = [link.requested_procedure for link in links]
    day = prior.exam.day
    return Earlier(
        study=links[0].study,
        name=", ".join(dict.fromkeys(one.procedure.name for one in requested)),
        side=SIDE_WORDS.get(requested[0].laterality, ""),
        day=day,
        months=_months(day, current.day),
        is_relevant=prior.is_relevant,
        report_ids=tuple(dict.fromkeys(reports[one.pk] for one in requested if one.pk in reports)),
    )
