"""From rows of the database to what the pure matching compares."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Q

from ris.core.identifiers import is_accession
from ris.dicom.datasets import StudyRow
from ris.orders.lifecycle import ORDER
from ris.orders.models import Order, RequestedProcedure
from ris.patients.models import Patient, PatientIdentifier
from ris.patients.names import folded
from worklist.matching import Candidate, Seen
from worklist.mwl.charset import fit

ASCII_ONLY = ("ISO_IR 6",)


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
    )


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
    return [_candidate(requested) for requested in found.select_related("order__patient__merged_into", "procedure")]


def _candidate(requested: RequestedProcedure) -> Candidate:
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
    )


def _numbers(patient: Patient) -> frozenset[tuple[str, str]]:
    family: Iterable[Patient] = Patient.objects.family(patient)
    return frozenset(PatientIdentifier.objects.filter(patient__in=family).values_list("issuer", "value"))
