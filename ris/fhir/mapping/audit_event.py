"""AuditEvent (R4 §6.4): a row of the audit trail, in the words of DICOM PS3.15 A.5."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from ris.fhir.mapping.datatypes import DCM, House, Json, coding, identifier, instant, reference, told

# The system of our own names of acts.
ACTION: Final = "audit-action"
OUTCOMES: Final = {"success": "0", "refused": "4", "failure": "8"}
# The last word of an action, and what it does (audit-event-action); whatever is not named here executes.
ACTIONS: Final = {
    "opened": "R", "viewed": "R", "printed": "R", "searched": "R", "queried": "R", "placed": "C", "registered": "C",
    "booked": "C", "added": "C", "modified": "U", "updated": "U", "changed": "U", "moved": "U", "deleted": "D",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditFacts:
    """`code`: (code, meaning) of CID 400. `actor` and `target`: (kind, id)."""

    key: int
    at: datetime
    action: str
    code: tuple[str, str]
    outcome: str
    actor: tuple[str, str]
    actor_name: str
    target: tuple[str, str]
    patient: int | None
    study_uid: str
    source: str


def audit_event(facts: AuditFacts, house: House) -> Json:
    code, meaning = facts.code
    return told(
        resourceType="AuditEvent",
        id=str(facts.key),
        type=coding(DCM, code, meaning),
        subtype=[coding(house.system(ACTION), facts.action)],
        action=ACTIONS.get(facts.action.rpartition(".")[2], "E"),
        recorded=instant(facts.at),
        outcome=OUTCOMES[facts.outcome],
        agent=[_agent(facts, house)],
        source={"observer": {"display": "Isocenter"}},
        entity=_entities(facts, house),
    )


def _agent(facts: AuditFacts, house: House) -> Json:
    kind, key = facts.actor
    who = told(identifier=identifier(house.system(kind), key) if key else {}, display=facts.actor_name)
    network = {"address": facts.source, "type": "2"} if facts.source else {}
    return told(who=who, requestor=kind == "user", network=network)


def _entities(facts: AuditFacts, house: House) -> list[Json]:
    kind, key = facts.target
    target = {"what": {"identifier": identifier(house.system(kind), key)}} if kind and key else {}
    patient = {"what": reference("Patient", facts.patient)} if facts.patient else {}
    study = {"what": {"identifier": identifier("urn:dicom:uid", f"urn:oid:{facts.study_uid}")}}
    return [one for one in (target, patient, study if facts.study_uid else {}) if one]
