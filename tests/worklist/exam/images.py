"""Radiographs of a sided order in the real archive."""

from __future__ import annotations

from typing import Any

from pydicom.uid import DigitalXRayImageStorageForPresentation

from ris.orders.actions import OrderDetails, place_order
from ris.orders.models import Procedure, RequestedProcedure
from tests.ris.dicom.objects import ct, file_of
from tests.services.orthanc import Server
from tests.world import World


def knee_of(world: World, side: str = "L", priority: str = "ROUTINE") -> RequestedProcedure:
    """An order for a radiograph of one knee."""
    knee, _ = Procedure.objects.get_or_create(
        code="DXKNEE", defaults={"name": "Knee radiograph", "modality": "DX", "body_part": "KNEE", "paired": True}
    )
    order = place_order(
        world.patient("Knee"), site=world.north, procedures=[knee], sides={"DXKNEE": side},
        details=OrderDetails(priority=priority, reason="Fall"), by=world.clerk,
    )  # fmt: skip
    return world.requested(order)


def store(orthanc: Server, requested: RequestedProcedure, **attributes: Any) -> None:
    """One image of the requested procedure, as a device would send it."""
    patient = requested.order.patient
    image = ct(**{
        "SOPClassUID": DigitalXRayImageStorageForPresentation,
        "Modality": requested.procedure.modality,
        "PatientID": patient.identifiers.get().value,
        "PatientName": patient.person_name,
        "PatientBirthDate": f"{patient.birth_date:%Y%m%d}",
        "PatientSex": patient.sex,
        "AccessionNumber": requested.accession_number,
        "StudyInstanceUID": requested.study_instance_uid,
        "StudyDescription": "Radiograph",
        "SeriesDescription": "AP",
    } | attributes)  # fmt: skip
    orthanc.archive().store([file_of(image)])
