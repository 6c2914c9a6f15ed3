"""Images of an exam as its device sends them to the archive."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from ris.orders.models import RequestedProcedure
from tests.ris.dicom.objects import ct, file_of, new_uid


def image_of(requested: RequestedProcedure, **changes: Any) -> bytes:
    """One CT image of the exam, in a series of its own."""
    patient = requested.order.patient.current
    number = patient.identifier_at(requested.order.site)
    values: dict[str, Any] = {
        "PatientID": number.value if number else "", "IssuerOfPatientID": number.issuer if number else "",
        "PatientName": patient.person_name, "PatientBirthDate": "19610517",
        "AccessionNumber": requested.accession_number, "StudyInstanceUID": requested.study_instance_uid,
        "SeriesInstanceUID": new_uid(), "StudyDate": f"{timezone.now():%Y%m%d}", "Modality": "CT",
    }  # fmt: skip
    return file_of(ct(**(values | changes)))
