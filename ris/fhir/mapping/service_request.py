"""ServiceRequest (R4 §12.7): one for each requested procedure; those of one order share their requisition."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from ris.fhir.mapping.datatypes import (
    LOINC,
    SCHEMES,
    House,
    Json,
    Placer,
    Visit,
    coding,
    concept,
    dicom_uid,
    encounter,
    identifier,
    instant,
    reference,
    system_from,
    told,
)

STATUSES: Final = {
    "draft": "draft",
    "active": "active",
    "in-progress": "active",
    "completed": "completed",
    "cancelled": "revoked",
    "discontinued": "revoked",
    "replaced": "revoked",
}
# (0040,1003) and request-priority; FHIR has nothing below routine.
PRIORITIES: Final = {"STAT": "stat", "HIGH": "urgent", "ROUTINE": "routine", "MEDIUM": "routine", "LOW": "routine"}
# SNOMED CT, as US Core has it for ServiceRequest.category.
IMAGING: Final = "363679005"
SIDE_WORDS: Final = {"R": "Right", "L": "Left", "B": "Both sides"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcedureFacts:
    """A row of the catalogue."""

    code: str
    name: str
    loinc: str = ""
    radlex: str = ""
    body_part: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestFacts:
    """`site`: (code, name); `start` when it is planned, `wanted` from when it is asked for."""

    key: int
    state: str
    patient: int
    procedure: ProcedureFacts
    laterality: str
    placer: Placer
    filler: str
    accession: str
    accession_issuer: str
    study_uid: str
    priority: str
    reason: str
    question: str
    referrer: str
    placed_at: datetime
    start: datetime | None
    wanted: datetime | None
    site: tuple[str, str]
    visit: Visit


def procedure_code(procedure: ProcedureFacts, house: House) -> Json:
    """The house's own code first, as the catalogue has it; LOINC and RadLex where it names them."""
    own = coding(house.system("procedure"), procedure.code, procedure.name)
    loinc = coding(LOINC, procedure.loinc) if procedure.loinc else {}
    radlex = coding(SCHEMES["RADLEX"], procedure.radlex) if procedure.radlex else {}
    return concept(own, loinc, radlex, text=procedure.name)


def service_request(facts: RequestFacts, house: House) -> Json:
    code, name = facts.site
    return told(
        resourceType="ServiceRequest",
        id=str(facts.key),
        identifier=_identifiers(facts, house),
        requisition=identifier(house.system("filler"), facts.filler, "FILL"),
        status=STATUSES[facts.state],
        intent="order",
        category=[concept(coding(SCHEMES["SCT"], IMAGING, "Imaging"))],
        priority=PRIORITIES[facts.priority],
        code=procedure_code(facts.procedure, house),
        subject=reference("Patient", facts.patient),
        encounter=encounter(facts.visit, house),
        occurrenceDateTime=instant(facts.start or facts.wanted),
        authoredOn=instant(facts.placed_at),
        requester={"display": facts.referrer} if facts.referrer else {},
        performer=[{"identifier": identifier(house.system("site"), code), "display": name}],
        reasonCode=[{"text": facts.reason}] if facts.reason else [],
        bodySite=_body_site(facts),
        note=[{"text": facts.question}] if facts.question else [],
    )


def _identifiers(facts: RequestFacts, house: House) -> list[Json]:
    placed = facts.placer
    placer = identifier(system_from(house, "placer", placed.issuer), placed.number, "PLAC") if placed.number else {}
    accession = identifier(house.system("accession", facts.accession_issuer), facts.accession, "ACSN")
    found = [placer, identifier(house.system("filler"), facts.filler, "FILL"), accession, dicom_uid(facts.study_uid)]
    return [one for one in found if one]


def _body_site(facts: RequestFacts) -> list[Json]:
    words = " ".join(part for part in (SIDE_WORDS.get(facts.laterality, ""), facts.procedure.body_part) if part)
    return [{"text": words}] if words else []
