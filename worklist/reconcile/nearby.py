"""Which exams a study may belong to: found broadly, scored by the matching, compared field by field."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Final

from django.conf import settings
from django.db.models import Q

from ris.accounts.models import User
from ris.core.identifiers import is_accession
from ris.orders.lifecycle import ORDER
from ris.orders.models import RequestedProcedure
from ris.patients.finding.search import search
from ris.patients.models import Patient, PatientIdentifier
from ris.patients.names import readable
from worklist.candidates import candidate_of, day_of, seen_again
from worklist.matching import (
    ASPECTS,
    DIFFERS,
    OTHER_PATIENT,
    SAME,
    SAME_NUMBER,
    UNKNOWN,
    Aspect,
    Candidate,
    Scored,
    scored,
)
from worklist.models import Study

LOOKED_AT: Final = 80
SHOWN: Final = 8
AROUND: Final = timedelta(hours=18)
CORRECTED: Final = (
    "In the archive every object of the study then gets this patient’s number, name and birth date and this exam’s"
    " accession number. What stood there before is kept in the object, and comes back when the link is undone."
)
LEFT: Final = (
    "The archive keeps the name and birth date that it has: only an Orthanc can be corrected from here. Have them"
    " corrected at the archive; the study is compared again then."
)
WORDS: Final = {SAME: "same", DIFFERS: "differs", UNKNOWN: "not told"}


@dataclass(frozen=True, slots=True)
class Difference:
    """One line of the comparison; `verdict` is SAME, DIFFERS or UNKNOWN; one that `stops` speaks against the exam."""

    label: str
    archive: str
    order: str
    verdict: str
    stops: bool = False

    @property
    def words(self) -> str:
        return WORDS[self.verdict]


@dataclass(frozen=True, slots=True)
class Near:
    """An exam that may be meant, with its score and its differences."""

    requested: RequestedProcedure
    scored: Scored
    differences: list[Difference]

    @property
    def corrects(self) -> str:
        """What a link changes in the archive, before anybody presses the button; "" when the person is the same."""
        if not (OTHER_PATIENT | SAME_NUMBER).intersection(self.scored.against):
            return ""
        return CORRECTED if settings.ARCHIVE_KIND == "orthanc" else LEFT


def exams_near(study: Study, user: User, *, text: str = "") -> list[Near]:
    """The likeliest exams of the user's sites, best first; with `text` those that it finds.

    What is linked to the study already is left out.
    """
    found = _of_text(text, user) if text else _meant(study, user)
    mine = RequestedProcedure.objects.filter(
        order__site__in=user.sites_where("study.reconcile"), order__state__in=ORDER.groups["matchable"]
    ).exclude(study_links__study=study, study_links__active=True)
    related = ("procedure", "order__site", "order__patient__merged_into")
    rows = mine.filter(found).select_related(*related).prefetch_related("steps").order_by("-pk").distinct()[:LOOKED_AT]
    known = {requested.pk: requested for requested in rows}
    candidates = {pk: candidate_of(requested) for pk, requested in known.items()}
    best = scored(seen_again(study), candidates.values())[:SHOWN]
    return [Near(known[one.key], one, differences(study, known[one.key], candidates[one.key], one)) for one in best]


def people_near(study: Study, user: User) -> list[Patient]:
    """Whose images they may be: by the number, then by name and birth date as the search box finds them."""
    numbers = PatientIdentifier.objects.filter(value=study.patient_id_text, retired=False)
    by_number = Patient.objects.visible_to(user).filter(pk__in=numbers.values("patient"))
    name = " ".join(study.patient_name.split("=")[0].replace("^", " ").split())
    born = f" {study.birth_date:%Y-%m-%d}" if study.birth_date else ""
    found = search(f"{name}{born}", user, limit=SHOWN).patients if name else []
    people = {person.current.pk: person.current for person in (*by_number.select_related("merged_into"), *found)}
    return list(people.values())[:SHOWN]


def _meant(study: Study, user: User) -> Q:
    wanted = Q(study_instance_uid=study.study_instance_uid)
    if is_accession(study.accession_number):
        wanted |= Q(accession_number=study.accession_number)
    people = [person.pk for person in people_near(study, user)]
    wanted |= Q(order__patient__in=people) | Q(order__patient__merged_into__in=people)
    day = day_of(study.study_date)
    if day is not None and study.modalities:
        noon = datetime.combine(day, time(12), tzinfo=UTC)
        about = (noon - AROUND, noon + AROUND)
        then = Q(steps__start__range=about) | Q(steps__started_at__range=about)
        wanted |= then & Q(procedure__modality__in=study.modalities, study_links__isnull=True)
    return wanted


def _of_text(text: str, user: User) -> Q:
    people = [person.pk for person in search(text, user, limit=SHOWN).patients]
    return Q(accession_number__iexact=text.strip()) | Q(order__patient__in=people)


def differences(study: Study, requested: RequestedProcedure, candidate: Candidate, found: Scored) -> list[Difference]:
    archive, order = _of_archive(study), _of_order(requested, candidate)
    return [
        _line(one, archive[one.key], order[one.key], found.compared[one.key])
        for one in ASPECTS
        if archive[one.key] or one.key != "issuer"
    ]


def _line(aspect: Aspect, archive: str, order: str, verdict: str) -> Difference:
    return Difference(aspect.label, archive, order, verdict, stops=verdict == DIFFERS and bool(aspect.against))


def _of_archive(study: Study) -> dict[str, str]:
    issuer = f" ({study.issuer_of_patient_id})" if study.issuer_of_patient_id else ""
    return {
        "study": _tail(study.study_instance_uid),
        "accession": study.accession_number,
        "issuer": "",
        "number": f"{study.patient_id_text}{issuer}" if study.patient_id_text else "",
        "born": f"{study.birth_date:%Y-%m-%d}" if study.birth_date else "",
        "name": readable(study.patient_name),
        "modality": ", ".join(study.modalities),
        "day": str(day_of(study.study_date) or ""),
    }


def _of_order(requested: RequestedProcedure, candidate: Candidate) -> dict[str, str]:
    patient = requested.order.patient.current
    return {
        "study": _tail(requested.study_instance_uid),
        "accession": requested.accession_number,
        "issuer": requested.accession_issuer,
        "number": ", ".join(f"{value} ({issuer})" for issuer, value in sorted(candidate.patient_ids)),
        "born": f"{patient.birth_date:%Y-%m-%d}" if patient.birth_date else "",
        "name": patient.display_name,
        "modality": requested.procedure.modality,
        "day": ", ".join(f"{day:%Y-%m-%d}" for day in sorted(candidate.days)),
    }


def _tail(uid: str) -> str:
    return f"…{uid[-10:]}"
