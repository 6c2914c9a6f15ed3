"""ImagingStudy (R4 §8.18) and the Endpoint (§8.12) at which its images are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from ris.fhir.mapping.datatypes import (
    DCM,
    House,
    Json,
    Visit,
    coding,
    dicom_uid,
    encounter,
    identifier,
    instant,
    reference,
    told,
)

# Available: they belong to an order and can be looked at. Registered: the archive has them, and nobody may yet.
STATUSES: Final = {
    "new": "registered",
    "unmatched": "registered",
    "correcting": "registered",
    "matched": "available",
    "blocked": "cancelled",
}
ENDPOINT: Final = "dicom-web"
CONNECTION: Final = "http://terminology.hl7.org/CodeSystem/endpoint-connection-type"


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesFacts:
    uid: str
    number: int | None
    modality: str
    description: str
    images: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyFacts:
    """`patient`: None while nobody knows whose it is; then `patient_number` is what the images say."""

    key: int
    uid: str
    state: str
    patient: int | None
    patient_number: str
    accession: str
    accession_issuer: str
    requests: Sequence[int]
    modalities: Sequence[str]
    description: str
    started: datetime | None
    series_count: int
    instance_count: int
    series: Sequence[SeriesFacts]
    changed_at: datetime
    visit: Visit


def imaging_study(facts: StudyFacts, house: House) -> Json:
    return told(
        resourceType="ImagingStudy",
        id=str(facts.key),
        meta={"lastUpdated": instant(facts.changed_at)},
        identifier=_identifiers(facts, house),
        status=STATUSES[facts.state],
        modality=[coding(DCM, name) for name in facts.modalities if name],
        subject=_subject(facts),
        encounter=encounter(facts.visit, house),
        started=instant(facts.started),
        basedOn=[reference("ServiceRequest", request) for request in facts.requests],
        endpoint=[reference("Endpoint", ENDPOINT)] if STATUSES[facts.state] == "available" else [],
        numberOfSeries=facts.series_count,
        numberOfInstances=facts.instance_count,
        description=facts.description,
        series=[_series(one) for one in facts.series],
    )


def _identifiers(facts: StudyFacts, house: House) -> list[Json]:
    accession = identifier(house.system("accession", facts.accession_issuer), facts.accession, "ACSN")
    return [dicom_uid(facts.uid), *([accession] if facts.accession else [])]


def _subject(facts: StudyFacts) -> Json:
    if facts.patient is not None:
        return reference("Patient", facts.patient)
    number = {"value": facts.patient_number} if facts.patient_number else {}
    return told(identifier=number, display="" if number else "Not known yet")


def _series(facts: SeriesFacts) -> Json:
    return told(
        uid=facts.uid, number=facts.number, modality=coding(DCM, facts.modality or "OT"),
        description=facts.description, numberOfInstances=facts.images,
    )  # fmt: skip


def endpoint(address: str) -> Json:
    """The viewer's own way to the images, behind the sign-in: the archive itself is never offered."""
    return told(
        resourceType="Endpoint",
        id=ENDPOINT,
        status="active",
        connectionType=coding(CONNECTION, "dicom-wado-rs", "DICOM WADO-RS"),
        name="Images, for signed-in people who may view them",
        payloadType=[{"text": "DICOM"}],
        payloadMimeType=["application/dicom"],
        address=address,
    )
