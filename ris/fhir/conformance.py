"""The tables of docs/conformance/fhir.md, from the tables that the code works by."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from ris.fhir.mapping import appointment, diagnostic_report, imaging_study, observation, service_request
from ris.fhir.mapping.bundle import ISSUES, MOST_INCLUDED
from ris.fhir.mapping.datatypes import DICOM_UID, House
from ris.fhir.search.modifiers import said_of
from ris.fhir.search.parameters import Moment, Text
from ris.fhir.search.reading import MOST, USUAL
from ris.fhir.stations import STATIONS, claims
from ris.webhooks.kinds import OFFERED

Rows = tuple[tuple[str, ...], list[tuple[object, ...]]]
HERE: Final = House("{base}")
STATES: Final[dict[str, Mapping[str, str]]] = {
    "ServiceRequest": service_request.STATUSES,
    "Appointment": appointment.STATUSES,
    "ImagingStudy": imaging_study.STATUSES,
    "DiagnosticReport": diagnostic_report.STATUSES,
    "Observation, by its report": observation.STATUSES,
}


SORTING: Final = (Moment, Text)


def types() -> Rows:
    rows: list[tuple[object, ...]] = [(f"`{one.type}`", ", ".join(one.interactions), one.what) for one in claims()]
    return ("Type", "Interactions", "What"), rows


def parameters() -> Rows:
    rows: list[tuple[object, ...]] = [
        (f"`{kind}`", f"`{one.name}`", one.kind, said_of(one))
        for kind, station in STATIONS.items()
        for one in station.parameters
    ]
    return ("Type", "Parameter", "Kind", "What"), rows


def includes() -> Rows:
    rows: list[tuple[object, ...]] = [
        (f"`{kind}`", _listed(station.includes), _listed(station.revincludes))
        for kind, station in STATIONS.items()
        if station.includes or station.revincludes
    ]
    return ("Type", "`_include`", "`_revinclude`"), rows


def states() -> Rows:
    rows: list[tuple[object, ...]] = [
        (kind, ours or "none signed yet", f"`{code}`") for kind, codes in STATES.items() for ours, code in codes.items()
    ]
    return ("Type", "Ours", "`status`"), rows


def systems() -> Rows:
    own = [
        ("Patient", "MR", HERE.system("patient", "ISSUER"), "the number of an issuer, its name percent-encoded"),
        (
            "ServiceRequest",
            "PLAC",
            HERE.system("placer", "ISSUER"),
            "placer order number, of an HL7 namespace or of nobody who is named; a system of another server stays as "
            "it was given, or is left out over 64 characters",
        ),
        ("ServiceRequest", "FILL", HERE.system("filler"), "filler order number, also the requisition"),
        (
            "ServiceRequest, ImagingStudy, DiagnosticReport",
            "ACSN",
            HERE.system("accession", "ISSUER"),
            "accession number",
        ),
        (
            "ServiceRequest, ImagingStudy, DiagnosticReport.encounter",
            "VN",
            HERE.system("visit", "ISSUER"),
            "number of the stay; a system of another server stays as it was given, or is left out over 64 characters",
        ),
        ("ServiceRequest, ImagingStudy", "", DICOM_UID, "StudyInstanceUID, as `urn:oid:…`"),
        ("Observation", "", DICOM_UID, "tracking UID, as `urn:oid:…`"),
        ("ServiceRequest.performer", "", HERE.system("site"), "code of a site"),
        ("ServiceRequest.code", "", HERE.system("procedure"), "code of the catalogue, beside LOINC and RadLex"),
        ("Appointment, Schedule", "", HERE.system("room"), "a room"),
    ]
    return ("Where", "Type", "System", "What"), [(a, b, f"`{c}`", d) for a, b, c, d in own]


def limits() -> Rows:
    rows: list[tuple[object, ...]] = [
        ("Rows of a page", f"{USUAL}, at most {MOST} (`_count`); `next` names the following page"),
        ("Only their number", "`_count=0` or `_summary=count`; another `_summary`, and `_elements`, answer the whole"),
        ("Total", "always there and exact, whatever `_total` asks for"),
        ("Order", "newest first; Slots by time"),
        ("`_sort`", f"one of: {'; '.join(f'{kind} {_listed(names)}' for kind, names in _sorts().items())}"),
        ("Dates", "eq, ne, gt, lt, ge, le, sa, eb"),
        ("Dates without a zone", "on the clock of your sites where they share one, else of `TIME_ZONE`"),
        ("Codes that nothing here ever has", "of R4's value set: nothing is found; others 400"),
        ("Alternatives", "divided by commas; a parameter that is repeated must hold each time"),
        ("Tests of one search", "20"),
        ("Chains", "through a patient or a request, such as `patient.identifier`, `based-on.identifier`"),
        (
            "`_include`, `_revinclude`",
            f"at most {MOST_INCLUDED} resources go with a page; an OperationOutcome (mode `outcome`) says when "
            "there are more",
        ),
        ("Modifiers", "as the table of parameters says; others 400"),
        ("`system|`", "all of a system, where the table of parameters says so; else 400"),
        ("Search by POST", "`[type]/_search` with a form; tokens that only read may do so"),
        ("Not there", "`_has`, `_filter`, batch"),
        (
            "What is new",
            "`_lastUpdated=ge…` of the types that have it; the others keep no moment at which they changed",
        ),
        ("Reading again", "`ETag`, weak; `If-None-Match` is answered 304"),
        (
            "Parameters that are not in the table",
            "400; with `Prefer: handling=lenient` left out, of the `self` link too",
        ),
        ("Media types", "`application/fhir+json`, `application/json`; of Binary also `application/pdf`"),
        ("Versions, history, update, delete, transactions", "none"),
    ]
    return ("What", "Value"), rows


def _sorts() -> dict[str, tuple[str, ...]]:
    """{type: parameters by whose moment or name it can be sorted, either way}."""
    found = {
        kind: [one for one in station.parameters if isinstance(one, SORTING)] for kind, station in STATIONS.items()
    }
    return {kind: names for kind, ones in found.items() if (names := tuple(one.name for one in ones if one.sorts))}


def issues() -> Rows:
    return ("Our error", "`issue.code`"), [(f"`{ours}`", f"`{code}`") for ours, code in ISSUES.items()]


def webhooks() -> Rows:
    groups: dict[str, list[str]] = {}
    for kind in OFFERED:
        groups.setdefault(kind.partition(".")[0], []).append(kind)
    return ("Of", "Kinds"), [(name, ", ".join(f"`{kind}`" for kind in kinds)) for name, kinds in groups.items()]


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(f"`{name}`" for name in names)


TABLES: Final[dict[str, Callable[[], Rows]]] = {
    "fhir-types": types,
    "fhir-parameters": parameters,
    "fhir-includes": includes,
    "fhir-states": states,
    "fhir-systems": systems,
    "fhir-limits": limits,
    "fhir-issues": issues,
    "webhook-kinds": webhooks,
}
