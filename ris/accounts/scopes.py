"""What a program's token reaches: areas of the API, of FHIR and of the viewer, each to be seen or to be changed.

A token has no more rights than its owner; a scope takes some of them away. The addresses of an area stand here and
nowhere else, so that REST, FHIR and DICOMweb are held to the same table; what stands in no area is for no such token.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from ris.accounts.models import User

EVERYTHING: Final = "*"
SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
SEARCH: Final = re.compile(r"/fhir/[A-Za-z]+/_search")
# Say nothing of anybody: the description of the API, and the list of what there is.
OPEN: Final = frozenset({"api/v1/", "api/v1/schema", "fhir/metadata"})


@dataclass(frozen=True, slots=True)
class Area:
    """`api` are stations of /api/v1/, `fhir` resource types; `see` and `change` are said on the page, "" for none."""

    name: str
    see: str
    change: str = ""
    api: tuple[str, ...] = ()
    fhir: tuple[str, ...] = ()
    verb: str = "write"

    @property
    def addresses(self) -> tuple[str, ...]:
        return (*(f"api/v1/{one}" for one in self.api), *(f"fhir/{one}" for one in self.fhir))

    @property
    def writing(self) -> str:
        return f"{self.name}:{self.verb}"

    @property
    def reading(self) -> str:
        return f"{self.name}:read"


AREAS: Final = (
    Area("patients", "See patients", "See and change patients: register, merge, alerts", ("patients",), ("Patient",)),
    Area("orders", "See orders", "See and change orders: place, cancel, answers of safety, protocols",
         ("orders", "procedures", "protocols", "safety-answers", "papers", "downtime-forms", "downtime-snapshots"),
         ("ServiceRequest",)),
    Area("schedule", "See appointments, rooms and free times", "See and change appointments: book, move, arrive",
         ("appointments", "call-backs", "rooms", "closures", "kept-times", "holidays", "steps", "prints"),
         ("Appointment", "Schedule", "Slot")),
    Area("exams", "See exams", "See and run exams: start, record, complete",
         ("exams", "incidents", "side-checks")),
    Area("studies", "See the list of studies, without images", "See studies and decide whose they are: link, split",
         ("studies", "moves", "wrong-patients"), ("ImagingStudy", "Endpoint")),
    Area("exchange", "See what was brought and fetch what is handed out, with images and reports",
         "Bring studies from outside, and hand studies out with images and reports", ("outside-deliveries", "exports")),
    Area("reading", "See cases to be read", "See and take cases: claim, assign, wet reads",
         ("cases", "case-objects", "filters", "wet-reads")),
    Area("reports", "See reports, measurements and critical findings",
         "See and write reports up to the signature: drafts, addenda, critical findings",
         ("reports", "versions", "amendments", "autotexts", "key-images", "critical-findings", "dictations",
          "report-templates"),
         ("DiagnosticReport", "Observation", "Binary")),
    Area("viewer", "See images over DICOMweb", "Store objects over DICOMweb (STOW)", verb="store"),
    Area("deliveries", "See what is on its way to others", "See deliveries and send them again",
         ("deliveries", "patient-messages")),
    Area("messages", "See HL7 messages, with the patients in them", "See HL7 messages, do and send them again",
         ("hl7-incoming", "hl7-outgoing")),
    Area("devices", "See devices, what they ask and their worklists", "See, set up and try out devices", ("devices",)),
    Area("emergency", "See emergency accesses", "Open studies in an emergency, and review such accesses",
         ("emergency-accesses",)),
    Area("notices", "See one's own notices", "See one's own notices and mark them as read", ("notices",)),
    Area("accounts", "See people, their roles and tokens",
         "See and change people and their roles, give and take back tokens", ("users", "api-tokens")),
    Area("settings", "See how the installation is set up", "See and change how the installation is set up",
         ("hl7-senders", "hl7-destinations", "webhooks", "device-profiles", "device-pools", "reading-groups",
          "reading-profiles", "assignment-rules", "on-call", "turnaround-rules")),
    Area("figures", "See the figures of the dashboard", api=("figures",)),
    Area("billing", "See charges, with numbers of patients", api=("charges",)),
    Area("audit", "See the audit trail", api=("audit-events", "critical-audit"), fhir=("AuditEvent",)),
)  # fmt: skip
VIEWER: Final = next(area for area in AREAS if area.name == "viewer")
WORDS: Final[dict[str, str]] = {
    scope: words for area in AREAS for scope, words in ((area.reading, area.see), (area.writing, area.change)) if words
}
CHOICES: Final[Sequence[tuple[str, str]]] = (
    (EVERYTHING, "Everything that its owner may do"),
    *((scope, f"{words} ({scope})") for scope, words in WORDS.items()),
)
_OF_ADDRESS: Final = {address: area for area in AREAS for address in area.addresses}


def writes(scopes: Collection[str]) -> bool:
    """Whether anything can be changed with them."""
    return any(scope == EVERYTHING or not scope.endswith(":read") for scope in scopes)


def missing(scopes: Collection[str], path: str, *, reading: bool) -> str:
    """The scope that these lack for an address; "" when they have it, "*" for an address of no area."""
    found = place(path)
    if EVERYTHING in scopes or found in OPEN:
        return ""
    area = VIEWER if found.startswith("viewer/") else _OF_ADDRESS.get(found)
    if area is None:
        return EVERYTHING
    wanted = area.reading if reading else area.writing
    # Who may change an area sees it too; who stores objects need not see the images.
    enough = {wanted, f"{area.name}:write"}
    return "" if enough & set(scopes) else wanted


def reads(method: str | None, path: str) -> bool:
    """Whether it only reads: FHIR's search may be asked by POST too (R4 §3.1.1.3)."""
    return method in SAFE or (method == "POST" and SEARCH.fullmatch(path) is not None)


def place(path: str) -> str:
    """The part of an address that says of what it is: api/v1/patients of /api/v1/patients/7/."""
    parts = path.lstrip("/").split("/")
    return "/".join(parts[: 3 if parts[0] == "api" else 2])


def sees(user: User, address: str) -> bool:
    """Whether this person, or the token with which they came, sees what is at an address: for what comes along."""
    scopes = user.scopes
    return scopes is None or not missing(scopes, address, reading=True)
