"""From rows of the database to what the pure matching compares."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from django.db.models import Q, QuerySet

from ris.core.identifiers import is_accession
from ris.dicom.datasets import StudyRow
from ris.orders.lifecycle import ORDER
from ris.orders.models import Order, RequestedProcedure
from ris.patients.models import Patient, PatientIdentifier
from ris.patients.names import folded
from worklist.matching import Candidate, Seen
from worklist.models import Study
from worklist.mwl.charset import fit

ASCII_ONLY = ("ISO_IR 6",)
NEAR_MOST: Final = 20
AROUND: Final = timedelta(hours=36)  # whatever the zone of the site: the day itself is compared later


def seen_of(row: StudyRow, *, linked: bool) -> Seen:
    """`linked`: the study has its order, and the row says of the patient what it said then."""
    return Seen(
        study_instance_uid=row.study_instance_uid,
        accession_number=row.accession_number,
        patient_id=row.patient_id,
        issuer=row.issuer_of_patient_id,
        family_name=plain(row.patient_name.split("=")[0].split("^")[0]),
        birth_date=row.birth_date,
        modalities=frozenset(row.modalities),
        linked=linked,
        accession_issuer=row.issuer_of_accession_number,
        day=row.study_date,
    )


def seen_again(study: Study) -> Seen:
    """What the archive said of a study when it was asked last."""
    return Seen(
        study_instance_uid=study.study_instance_uid,
        accession_number=study.accession_number,
        patient_id=study.patient_id_text,
        issuer=study.issuer_of_patient_id,
        family_name=plain(study.patient_name.split("=")[0].split("^")[0]),
        birth_date=study.birth_date,
        modalities=frozenset(study.modalities),
        day=day_of(study.study_date),
    )


def day_of(digits: str) -> date | None:
    """A day as the archive writes it, YYYYMMDD; None for what is none."""
    try:
        return datetime.strptime(digits, "%Y%m%d").replace(tzinfo=UTC).date()
    except ValueError:
        return None


def plain(family_name: str) -> str:
    """A device that cannot write a name sends back what its worklist wrote in its place (worklist.mwl.charset)."""
    return folded(fit(family_name, ASCII_ONLY))


def candidates_for(row: StudyRow) -> list[Candidate]:
    """Requested procedures of open orders that share the study's UID or accession number.

    Their orders are held until the caller's transaction ends, so that what is matched is not cancelled meanwhile.
    """
    wanted = Q(study_instance_uid=row.study_instance_uid)
    if is_accession(row.accession_number):
        wanted |= Q(accession_number=row.accession_number)
    meant = RequestedProcedure.objects.filter(wanted)
    held = Order.objects.select_for_update(of=("self",)).filter(pk__in=meant.values("order")).order_by("pk")
    open_orders = [order.pk for order in held if ORDER.within(order, "matchable")]
    found = meant.filter(order__in=open_orders)
    return candidates_of(found)


def near(row: StudyRow) -> list[Candidate]:
    """Procedures of the study's modality of whoever has its patient number, planned or done about its day.

    Suggestions only: nothing is held, nothing is linked to them without a person.
    """
    if not row.patient_id or row.study_date is None:
        return []
    people = PatientIdentifier.objects.filter(value=row.patient_id).values("patient")
    family = Q(order__patient__in=people) | Q(order__patient__aliases__in=people)
    noon = datetime.combine(row.study_date, time(12), tzinfo=UTC)
    about = (noon - AROUND, noon + AROUND)
    then = Q(steps__start__range=about) | Q(steps__started_at__range=about)
    found = RequestedProcedure.objects.filter(family & then, procedure__modality__in=row.modalities)
    return candidates_of(found.filter(order__state__in=ORDER.groups["matchable"]).order_by("pk").distinct()[:NEAR_MOST])


def candidates_of(found: QuerySet[RequestedProcedure]) -> list[Candidate]:
    rows = found.select_related("order__patient__merged_into", "order__site", "procedure").prefetch_related("steps")
    return [candidate_of(requested) for requested in rows]


def candidate_of(requested: RequestedProcedure) -> Candidate:
    patient = requested.order.patient.current
    return Candidate(
        key=requested.pk,
        site_id=requested.order.site_id,
        study_instance_uid=requested.study_instance_uid,
        accession_number=requested.accession_number,
        patient_ids=_numbers(patient),
        family_name=plain(patient.family_name),
        birth_date=patient.birth_date,
        modality=requested.procedure.modality,
        order=requested.order_id,
        accession_issuer=requested.accession_issuer,
        days=frozenset(_days(requested)),
    )


def _days(requested: RequestedProcedure) -> Iterable[date]:
    """By the clock of the site: its devices write their days by it."""
    zone = requested.order.site.zone
    for step in requested.steps.all():
        yield from (at.astimezone(zone).date() for at in (step.start, step.started_at) if at is not None)


def _numbers(patient: Patient) -> frozenset[tuple[str, str]]:
    family: Iterable[Patient] = Patient.objects.family(patient)
    return frozenset(PatientIdentifier.objects.filter(patient__in=family).values_list("issuer", "value"))
