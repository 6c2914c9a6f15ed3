"""Who does something: a person or a named part of the system."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


class Actor(Protocol):
    """The `by` of every action. A User and a SystemActor satisfy it."""

    @property
    def kind(self) -> str: ...

    @property
    def id(self) -> int | str: ...

    @property
    def display(self) -> str: ...

    @property
    def site_ids(self) -> frozenset[int]: ...

    def may(self, permission: str, site_id: int | None) -> bool: ...


SYSTEM_GRANTS: dict[str, frozenset[str]] = {
    "mpps": frozenset({"step.perform", "study.view"}),
    "hl7": frozenset(
        {
            "patient.view",
            "patient.register",
            "patient.edit",
            "patient.merge",
            "order.view",
            "order.place",
            "order.cancel",
            "order.discontinue",
            "order.answer",
            "schedule.view",
            "schedule.book",
            "study.notify",
        }
    ),
    "mwl": frozenset({"schedule.view"}),
    "matcher": frozenset({"study.view", "study.reconcile", "step.perform"}),
    "orthanc": frozenset({"study.notify"}),
    "delivery": frozenset({"report.publish", "report.view", "report.receive", "study.view"}),
    "modality": frozenset({"step.perform"}),
    "critical": frozenset({"critical.escalate", "message.send"}),
    "dictation": frozenset({"dictation.expire", "dictation.transcribe"}),
    "leases": frozenset({"reading.lapse"}),
    "downtime": frozenset({"step.perform"}),
    "reminders": frozenset({"message.send"}),
    "emergency-watch": frozenset({"message.send"}),
    "mail-link": frozenset({"patient.decline-messages"}),
    "setup": frozenset({"template.manage"}),
    "signing-keys": frozenset({"signing-key.revoke"}),
    "system": frozenset({"audit.seal"}),
    "anonymous": frozenset(),
}


@dataclass(frozen=True, slots=True)
class SystemActor:
    """A part of the system that acts by itself; its rights are the row of SYSTEM_GRANTS."""

    id: str

    @property
    def kind(self) -> str:
        return "system"

    @property
    def display(self) -> str:
        return f"Isocenter ({self.id})"

    @property
    def site_ids(self) -> frozenset[int]:
        return frozenset()

    def may(self, permission: str, site_id: int | None) -> bool:
        return permission in SYSTEM_GRANTS.get(self.id, frozenset())
