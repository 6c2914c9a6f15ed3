"""The data types of FHIR R4 (§2.24) as dictionaries, and the names of this installation's own systems."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from urllib.parse import quote, unquote

Json = dict[str, Any]

DICOM_UID: Final = "urn:dicom:uid"
DCM: Final = "http://dicom.nema.org/resources/ontology/DCM"
LOINC: Final = "http://loinc.org"
UCUM: Final = "http://unitsofmeasure.org"
V2_0203: Final = "http://terminology.hl7.org/CodeSystem/v2-0203"
# Coding scheme designators (PS3.16 §8) and what FHIR calls them.
SCHEMES: Final = {
    "SCT": "http://snomed.info/sct",
    "LN": LOINC,
    "DCM": DCM,
    "UCUM": UCUM,
    "RADLEX": "http://www.radlex.org",
}
IDENTIFIER_TYPES: Final = {
    "MR": "Medical record number",
    "PLAC": "Placer Identifier",
    "FILL": "Filler Identifier",
    "ACSN": "Accession ID",
    "VN": "Visit number",
}


@dataclass(frozen=True, slots=True)
class House:
    """Where this server stands: `base` is its address, such as https://ris.example.org/fhir."""

    base: str

    def system(self, kind: str, issuer: str = "") -> str:
        """The system of a kind of number: of this house, or of one issuer within it."""
        return f"{self.base}/sid/{kind}" + (f"/{quote(issuer, safe='')}" if issuer else "")


def told(**fields: Any) -> Json:
    """Only what there is something to say of; FHIR has no empty elements."""
    return {name.rstrip("_"): value for name, value in fields.items() if value not in (None, "", [], {})}


def coding(system: str, code: str, display: str = "") -> Json:
    return told(system=system, code=code, display=display)


def concept(*codings: Json, text: str = "") -> Json:
    return told(coding=[one for one in codings if one], text=text)


def reference(kind: str, key: object, display: str = "") -> Json:
    return told(reference=f"{kind}/{key}", display=display)


def identifier(system: str, value: str, kind: str = "") -> Json:
    """An identifier, with its type of HL7 table 0203 where one is given."""
    typed = concept(coding(V2_0203, kind, IDENTIFIER_TYPES[kind])) if kind else {}
    return told(type=typed, system=system, value=value)


def dicom_uid(uid: str) -> Json:
    """A DICOM UID as FHIR writes it (R4 ImagingStudy §8.18.1)."""
    return identifier(DICOM_UID, f"urn:oid:{uid}") if uid else {}


@dataclass(frozen=True, slots=True)
class Visit:
    """The number of a stay and who gave it: a name as HL7 v2 has it, or the system of another server."""

    number: str = ""
    issuer: str = ""


@dataclass(frozen=True, slots=True)
class Placer:
    """The number that an order has with who placed it, and who gave it, as a visit's."""

    number: str = ""
    issuer: str = ""


def system_from(house: House, kind: str, issuer: str) -> str:
    """The system of a number that others give out: theirs if they named one, else ours of their name."""
    foreign = issuer.startswith(("http://", "https://", "urn:"))
    return issuer if foreign else house.system(kind, issuer)


def issuer_in(house: House, kind: str, system: str) -> str:
    """Who is meant by a system that `system_from` wrote, or that another server names."""
    own = house.system(kind)
    ours = system == own or system.startswith(f"{own}/")
    return unquote(system.removeprefix(own).removeprefix("/")) if ours else system


def encounter(visit: Visit, house: House) -> Json:
    """A logical reference (R4 §2.3.0.3): stays are the hospital's, here is only their number."""
    if not visit.number:
        return {}
    return told(identifier=identifier(system_from(house, "visit", visit.issuer), visit.number, "VN"))


def visit_in(system: str, number: str, house: House) -> Visit:
    """What `encounter` wrote, or another server did."""
    return Visit(number, issuer_in(house, "visit", system))


def system_of(house: House, scheme: str) -> str:
    return SCHEMES.get(scheme) or house.system("scheme", scheme)


def instant(moment: datetime | None) -> str | None:
    return moment.isoformat(timespec="seconds") if moment else None
