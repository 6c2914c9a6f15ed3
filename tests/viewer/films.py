"""Exams of other modalities than CT: ordered, stored, matched, as if they had been done."""

from __future__ import annotations

import uuid
from collections.abc import Callable

from ris.core.actors import SystemActor
from ris.dicom.archive import get_archive
from ris.orders.actions import OrderDetails, place_order
from ris.orders.models import Procedure, RequestedProcedure
from ris.patients.actions import PatientData, register_patient
from ris.patients.models import Patient
from tests.viewer.objects import Place, image, picture
from tests.world import World
from worklist.actions.studies import note_study
from worklist.models import Study

MAMMOGRAM = (("L", "CC"), ("R", "MLO"), ("L", "MLO"), ("R", "CC"))
Pictures = Callable[[Place, str], list[bytes]]


def film(world: World, patient: Patient | str, modality: str, pictures: Pictures) -> Place:
    """A case in the north with these pictures, of a patient or of a new one of this name.

    `pictures` gets the place and a root for UIDs.
    """
    if isinstance(patient, str):
        data = PatientData(family_name=patient, given_name="Sam", sex="F", birth_date=None)
        patient = register_patient(data, site=world.north, by=world.clerk)
    code = f"{modality}FILM"
    procedure, _ = Procedure.objects.get_or_create(code=code, defaults={"name": code, "modality": modality})
    details = OrderDetails(priority="STAT")
    order = place_order(patient, site=world.north, procedures=[procedure], details=details, by=world.clerk)
    requested = RequestedProcedure.objects.get(order=order)
    identifier = patient.identifier_at(world.north)
    assert identifier is not None
    place = Place(requested.study_instance_uid, identifier.value, requested.accession_number, patient.person_name)
    made = pictures(place, f"2.25.{uuid.uuid4().int >> 64}")
    assert len(get_archive().store(made).stored) == len(made)
    row = get_archive().study(place.study)
    assert row is not None
    found = note_study(row, by=SystemActor("matcher"))
    assert Study.objects.get(pk=found.pk).state == "matched", found.findings
    return place


def one_slice(place: Place, root: str) -> list[bytes]:
    """CT: one image."""
    return [image(place, f"{root}1", f"{root}1.1")]


def two_series(place: Place, root: str) -> list[bytes]:
    """MR: two series of three slices."""
    return [
        picture(place, f"{root}{series}", f"{root}{series}.{at}", "MR", at, SeriesNumber=str(series))
        for series in (1, 2)
        for at in (1, 2, 3)
    ]


def one_projection(place: Place, root: str) -> list[bytes]:
    """DX: one image."""
    return [picture(place, f"{root}1", f"{root}1.1", "DX", ViewPosition="PA")]


def four_views(place: Place, root: str) -> list[bytes]:
    """MG: both sides, two views each, out of order, one series each."""
    return [
        picture(
            place, f"{root}{at}", f"{root}{at}.1", "MG", ImageLaterality=side, ViewPosition=view, SeriesNumber=str(at)
        )
        for at, (side, view) in enumerate(MAMMOGRAM, 1)
    ]
