"""Patient (R4 §8.1)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from ris.fhir.mapping.datatypes import House, Json, coding, concept, identifier, reference, told

GENDERS = {"F": "female", "M": "male", "O": "other", "": "unknown"}
CONFIDENTIALITY = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality"
SUBSETTED = coding("http://terminology.hl7.org/CodeSystem/v3-ObservationValue", "SUBSETTED", "subsetted")


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientFacts:
    """`numbers`: (issuer, value). `whole`: False leaves out how to reach a person whose file is confidential."""

    key: int
    numbers: Sequence[tuple[str, str]]
    family: str
    given: Sequence[str]
    prefix: str
    suffix: str
    sex: str
    birth_date: date | None
    phones: Sequence[str]
    email: str
    language: str
    guardian: tuple[str, str, str]
    confidential: bool
    merged_into: int | None
    whole: bool = True


def patient(facts: PatientFacts, house: House) -> Json:
    open_to_all = facts.whole or not facts.confidential
    return told(
        resourceType="Patient",
        id=str(facts.key),
        meta=_meta(facts),
        identifier=[identifier(house.system("patient", issuer), value, "MR") for issuer, value in facts.numbers],
        active=facts.merged_into is None,
        name=[_name(facts)],
        telecom=_telecom(facts) if open_to_all else [],
        gender=GENDERS[facts.sex],
        birthDate=facts.birth_date.isoformat() if facts.birth_date else None,
        contact=_contact(facts) if open_to_all else [],
        communication=[{"language": concept(coding("urn:ietf:bcp:47", facts.language))}] if facts.language else [],
        link=[{"other": reference("Patient", facts.merged_into), "type": "replaced-by"}] if facts.merged_into else [],
    )


def _meta(facts: PatientFacts) -> Json:
    security = [coding(CONFIDENTIALITY, "R", "restricted")] if facts.confidential else []
    return told(security=security, tag=[SUBSETTED] if facts.confidential and not facts.whole else [])


def _name(facts: PatientFacts) -> Json:
    return told(
        use="official", family=facts.family, given=[name for name in facts.given if name],
        prefix=[facts.prefix] if facts.prefix else [], suffix=[facts.suffix] if facts.suffix else [],
    )  # fmt: skip


def _telecom(facts: PatientFacts) -> list[Json]:
    phones = [{"system": "phone", "value": number} for number in facts.phones if number]
    return [*phones, *([{"system": "email", "value": facts.email}] if facts.email else [])]


def _contact(facts: PatientFacts) -> list[Json]:
    name, relation, phone = facts.guardian
    if not name:
        return []
    telecom = [{"system": "phone", "value": phone}] if phone else []
    return [told(relationship=[concept(text=relation)] if relation else [], name={"text": name}, telecom=telecom)]
