"""A whole study in a real Orthanc: images, a segmentation, an SR, key objects and a PDF that point at each other."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import requests
from pydicom import Dataset, dcmread
from pydicom.uid import (
    ComprehensiveSRStorage,
    EncapsulatedPDFStorage,
    KeyObjectSelectionDocumentStorage,
    SegmentationStorage,
)

from ris.dicom.datasets import StudyRow
from ris.events.models import Event
from ris.orders.models import RequestedProcedure
from tests.ris.dicom.objects import common, ct, file_of, new_uid, pdf
from tests.services.orthanc import Server
from worklist.actions.studies import note_study
from worklist.models import Study
from worklist.rehoming.carrying import MATCHER, carry
from worklist.rehoming.rows import Rehoming


def whole_study(**person: Any) -> list[Dataset]:
    """Six objects of one study; `person` and exam as keyword attributes."""
    first, second = ct(**person), ct(**person)
    second.SeriesInstanceUID = first.SeriesInstanceUID
    others = [
        common(SOPClassUID=SegmentationStorage, Modality="SEG", **person),
        common(SOPClassUID=ComprehensiveSRStorage, Modality="SR", **person),
        common(SOPClassUID=KeyObjectSelectionDocumentStorage, Modality="KO", **person),
    ]
    uid = new_uid()
    made = [first, second, *others, pdf(**person)]
    for one in made:
        one.StudyInstanceUID = person.get("StudyInstanceUID", uid)
        one.AccessionNumber = person.get("AccessionNumber", "")
    for one in others:
        one.CurrentRequestedProcedureEvidenceSequence = [_evidence(first, second)]
    return made


def _evidence(*images: Dataset) -> Dataset:
    study, series = Dataset(), Dataset()
    study.StudyInstanceUID, series.SeriesInstanceUID = images[0].StudyInstanceUID, images[0].SeriesInstanceUID
    series.ReferencedSOPSequence = []
    for image in images:
        item = Dataset()
        item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID = image.SOPClassUID, image.SOPInstanceUID
        series.ReferencedSOPSequence.append(item)
    study.ReferencedSeriesSequence = [series]
    return study


def send(server: Server, *datasets: Dataset) -> None:
    for one in datasets:
        requests.post(
            f"{server.url}/instances", data=file_of(one), auth=server.credentials, timeout=20
        ).raise_for_status()


def everything(server: Server, study_uid: str) -> dict[str, bytes]:
    """Every object of a study UID, of whichever patient, by "PatientID SOPInstanceUID"."""
    ask = {"Level": "Instance", "Query": {"StudyInstanceUID": study_uid}}
    found = requests.post(f"{server.url}/tools/find", json=ask, auth=server.credentials, timeout=20).json()
    files = [
        requests.get(f"{server.url}/instances/{one}/file", auth=server.credentials, timeout=20).content for one in found
    ]
    return {f"{one.PatientID} {one.SOPInstanceUID}": file for file in files for one in [dcmread(BytesIO(file))]}


def pdf_of(files: dict[str, bytes]) -> bytes:
    """The one PDF among the objects."""
    read = [dcmread(BytesIO(file)) for file in files.values()]
    (document,) = [one for one in read if one.SOPClassUID == EncapsulatedPDFStorage]
    return bytes(document.EncapsulatedDocument)[: document.EncapsulatedDocumentLength]


def of_exam(requested: RequestedProcedure, **changes: Any) -> dict[str, Any]:
    """As a device would write the objects of this exam."""
    patient = requested.order.patient
    number = patient.identifier_at(requested.order.site)
    assert number is not None
    return {
        "StudyInstanceUID": requested.study_instance_uid,
        "AccessionNumber": requested.accession_number,
        "PatientID": number.value,
        "IssuerOfPatientID": number.issuer,
        "PatientName": patient.person_name,
        "PatientBirthDate": f"{patient.birth_date:%Y%m%d}",
        "PatientSex": patient.sex,
    } | changes


def noted_from(server: Server, study_uid: str) -> Study:
    row = server.archive().study(study_uid)
    assert isinstance(row, StudyRow)
    return note_study(row, by=MATCHER)


def carried(row: Rehoming) -> Rehoming:
    """The deliveries of this move, until there is none."""
    done = 0
    while True:
        events = list(Event.objects.filter(kind="study.rehoming", payload__rehoming=row.pk).order_by("pk"))
        if done >= len(events):
            row.refresh_from_db()
            return row
        carry(events[done])
        done += 1
