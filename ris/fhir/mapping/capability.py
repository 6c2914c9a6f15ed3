"""CapabilityStatement (R4 §5.2), made from the table of stations: what is not in the table is not claimed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from ris.fhir.mapping.bundle import MOST_INCLUDED
from ris.fhir.mapping.datatypes import House, Json, told

JSON_TYPE: Final = "application/fhir+json"
WRITTEN: Final = "2026-11-21"
SECURITY: Final = (
    "A browser session, or `Authorization: Token` with an API token: it acts as its owner, within its scopes, expires, "
    "and reads only unless it was issued for writing. Everybody sees what the pages show them; every look at a patient "
    "is recorded."
)
GOING_ALONG: Final = (
    f"At most {MOST_INCLUDED} resources go along with a page (`_include`, `_revinclude`); where there are more, an "
    "OperationOutcome with the mode `outcome` says so."
)
# Of every type (R4 §3.1.1.5): (name, type, documentation).
COMMON: Final = (
    ("_count", "number", "Rows of a page; 0 for their number alone."),
    (
        "_sort",
        "string",
        "One parameter, with - before it for the last first; the conformance paper says which.",
    ),
    ("_summary", "token", "count for their number alone; others are answered with the whole."),
    ("_total", "token", "The total is always exact."),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What one resource type offers. `parameters`: (name, type, documentation)."""

    type: str
    what: str
    interactions: Sequence[str]
    parameters: Sequence[tuple[str, str, str]] = ()
    includes: Sequence[str] = ()
    revincludes: Sequence[str] = ()


def capability_statement(claims: Iterable[Claim], house: House, *, version: str) -> Json:
    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": WRITTEN,
        "kind": "instance",
        "software": {"name": "Isocenter RIS", "version": version},
        "implementation": {"description": "Radiology information system", "url": house.base},
        "fhirVersion": "4.0.1",
        "format": [JSON_TYPE],
        "rest": [{"mode": "server", "documentation": GOING_ALONG, "security": {"cors": False, "description": SECURITY},
                  "resource": [_resource(claim) for claim in claims], "searchParam": _parameters(COMMON)}],
    }  # fmt: skip


def _resource(claim: Claim) -> Json:
    creates = "create" in claim.interactions
    return told(
        type=claim.type,
        documentation=claim.what,
        interaction=[{"code": code} for code in claim.interactions],
        versioning="no-version",
        conditionalRead="not-match" if "read" in claim.interactions and claim.type != "Binary" else None,
        conditionalCreate=True if creates else None,
        searchInclude=list(claim.includes),
        searchRevInclude=list(claim.revincludes),
        searchParam=_parameters(claim.parameters),
    )


def _parameters(rows: Iterable[tuple[str, str, str]]) -> list[Json]:
    return [{"name": name, "type": kind, "documentation": words} for name, kind, words in rows]
