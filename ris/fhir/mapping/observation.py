"""Observation (R4 §10.1): one measured number of an SR, with its unit in UCUM and the image that it was taken on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from ris.fhir.mapping.datatypes import (
    UCUM,
    House,
    Json,
    coding,
    concept,
    dicom_uid,
    instant,
    reference,
    system_of,
    told,
)

CATEGORY: Final = "http://terminology.hl7.org/CodeSystem/observation-category"
# The state of the report that the number stands in; none signed yet: preliminary.
STATUSES: Final = {
    "": "preliminary",
    "draft": "preliminary",
    "preliminary": "preliminary",
    "final": "final",
    "corrected": "final",
    "appended": "final",
    "entered-in-error": "entered-in-error",
}

Coded = tuple[str, str]
"""What is meant and its code, as "Liver" and "SCT:10200004"; either may be empty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasurementFacts:
    """`astray`: the status of a number whose images are this patient's no more, else empty."""

    key: str
    report_state: str
    astray: str
    patient: int
    requests: Sequence[int]
    study: int | None
    tracking_uid: str
    scheme: str
    code: str
    name: str
    value: float
    unit: str
    site: Coded
    laterality: Coded
    method: Coded
    observer: str
    measured_at: datetime
    remarks: Sequence[str]


def observation(facts: MeasurementFacts, house: House) -> Json:
    return told(
        resourceType="Observation",
        id=facts.key,
        identifier=[dicom_uid(facts.tracking_uid)] if facts.tracking_uid else [],
        basedOn=[reference("ServiceRequest", request) for request in facts.requests],
        status=facts.astray or STATUSES[facts.report_state],
        category=[concept(coding(CATEGORY, "imaging", "Imaging"))],
        code=concept(coding(system_of(house, facts.scheme), facts.code, facts.name), text=facts.name),
        subject=reference("Patient", facts.patient),
        effectiveDateTime=instant(facts.measured_at),
        performer=[{"display": facts.observer}] if facts.observer else [],
        valueQuantity={"value": facts.value, "unit": facts.unit, "system": UCUM, "code": facts.unit},
        note=[{"text": words} for words in facts.remarks],
        bodySite=_body_site(facts, house),
        method=_coded(facts.method, house),
        derivedFrom=[reference("ImagingStudy", facts.study)] if facts.study else [],
    )


def _coded(coded: Coded, house: House) -> Json:
    meaning, code = coded
    scheme, _, value = code.partition(":")
    return concept(coding(system_of(house, scheme), value, meaning) if value else {}, text=meaning)


def _body_site(facts: MeasurementFacts, house: House) -> Json:
    """The side is a coding beside the site's: R4 has no element of its own for it."""
    site, side = _coded(facts.site, house), _coded(facts.laterality, house)
    words = " ".join(part for part in (facts.laterality[0], facts.site[0]) if part)
    return concept(*site.get("coding", []), *side.get("coding", []), text=words)
