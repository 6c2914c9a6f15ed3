"""What an action is called in DICOM's audit vocabulary (PS3.15 A.5.3, PS3.16 CID 400): (code, meaning)."""

from __future__ import annotations

APPLICATION = ("110100", "Application Activity")
AUDIT_LOG_USED = ("110101", "Audit Log Used")
BEGIN_TRANSFER = ("110102", "Begin Transferring DICOM Instances")
INSTANCES_ACCESSED = ("110103", "DICOM Instances Accessed")
INSTANCES_TRANSFERRED = ("110104", "DICOM Instances Transferred")
EXPORT = ("110106", "Export")  # onto paper or another medium
IMPORT = ("110107", "Import")
STUDY_DELETED = ("110105", "DICOM Study Deleted")
ORDER_RECORD = ("110109", "Order Record")
PATIENT_RECORD = ("110110", "Patient Record")
PROCEDURE_RECORD = ("110111", "Procedure Record")
QUERY = ("110112", "Query")
SECURITY_ALERT = ("110113", "Security Alert")
USER_AUTHENTICATION = ("110114", "User Authentication")

_BY_PREFIX: dict[str, tuple[str, str]] = {
    "patient": PATIENT_RECORD,
    "order": ORDER_RECORD,
    "appointment": ORDER_RECORD,
    "step": PROCEDURE_RECORD,
    "procedure": PROCEDURE_RECORD,
    "study": INSTANCES_ACCESSED,
    "object": INSTANCES_TRANSFERRED,
    "reading": PROCEDURE_RECORD,
    "report": PROCEDURE_RECORD,
    "worklist": QUERY,
    "session": USER_AUTHENTICATION,
    "audit": AUDIT_LOG_USED,
    "security": SECURITY_ALERT,
    "paper": EXPORT,
    "downtime": EXPORT,
    "export": EXPORT,
    "fhir": QUERY,
    "webhook": EXPORT,
}


_BY_ACTION: dict[str, tuple[str, str]] = {"study.deleted": STUDY_DELETED, "study.imported": IMPORT}


def code_of(action: str) -> tuple[str, str]:
    """The audit event id of a dotted action, mostly by its first word; a refusal is a security alert."""
    return _BY_ACTION.get(action) or _BY_PREFIX.get(action.split(".", maxsplit=1)[0], APPLICATION)


_ALL = (
    APPLICATION, AUDIT_LOG_USED, BEGIN_TRANSFER, INSTANCES_ACCESSED, INSTANCES_TRANSFERRED, EXPORT, IMPORT,
    STUDY_DELETED, ORDER_RECORD, PATIENT_RECORD, PROCEDURE_RECORD, QUERY, SECURITY_ALERT, USER_AUTHENTICATION,
)  # fmt: skip
_MEANINGS = dict(_ALL)


def meaning_of(code: str) -> str:
    """What a code of CID 400 is called; empty for one that we never write."""
    return _MEANINGS.get(code, "")
