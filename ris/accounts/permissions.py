"""Named permissions and the roles that hold them (DESIGN.md §6). Nothing else decides who may."""

from __future__ import annotations

ROLES: dict[str, str] = {
    "clerk": "Clerk",
    "technologist": "Technologist",
    "resident": "Resident",
    "radiologist": "Radiologist",
    "referrer": "Referring physician",
    "typist": "Typist",
    "site_admin": "Site administrator",
}

_DESK = frozenset({"patient.view", "order.view", "schedule.view"})
# Around an exam: answers and papers of an order, and breaking it off.
_EXAM = frozenset({"order.answer", "order.discontinue"})
# Before and after a downtime: forms on paper, the list that opens without the RIS.
_DOWNTIME = frozenset({"downtime.view", "downtime.print", "downtime.snapshot"})
_READING = _DESK | {"study.view", "study.break_glass", "report.view", "report.write", "report.sign_preliminary"}
_READING |= {"dictation.hear"}

ROLE_PERMISSIONS: dict[str, frozenset[str]] = {
    "clerk": _DESK
    | _EXAM
    | {"patient.register", "patient.edit", "patient.merge"}
    | {"order.place", "order.cancel", "schedule.book", "study.list", "paper.print"}
    | {"study.import", "study.export"}
    | _DOWNTIME
    | {"downtime.enter"},
    "technologist": _DESK
    | _EXAM
    | {"patient.edit", "schedule.book", "schedule.overbook", "step.perform", "paper.print"}
    | _DOWNTIME
    | {"downtime.enter"}
    | {"study.view", "study.list", "study.reconcile"}
    | {"study.import", "study.export"},
    "resident": _READING | {"study.list", "reading.list", "order.answer"},
    "radiologist": _READING
    | _EXAM
    | {"schedule.overbook", "study.list", "reading.list", "report.sign_final", "study.reconcile"}
    | {"order.place", "order.protocol", "order.override", "reading.assign", "figures.view"}
    | {"study.import", "study.export"},
    "referrer": frozenset({"patient.view", "order.view", "report.view"}),
    # Hears what was dictated and types it into the draft; reads no report and signs nothing.
    "typist": frozenset({"dictation.hear", "report.transcribe"}),
    "site_admin": _DESK
    | _DOWNTIME
    | {"patient.merge", "schedule.overbook", "audit.view", "delivery.manage", "site.manage", "study.list"}
    | {"device.manage", "figures.view", "glass.review"}
    | {"interface.view", "interface.manage"},
}

# An installation admin configures and watches; reading and signing stay with those who answer for it.
ADMIN_PERMISSIONS: frozenset[str] = frozenset(
    {"audit.view", "delivery.manage", "site.manage", "installation.manage", "patient.view", "order.view",
     "device.manage", "template.manage", "schedule.view", "study.list", "downtime.view", "figures.view",
     "glass.review", "interface.view", "interface.manage"}
)  # fmt: skip


def permissions_of(roles: frozenset[str]) -> frozenset[str]:
    """All that a set of roles may do."""
    return frozenset().union(*(ROLE_PERMISSIONS[role] for role in roles))
