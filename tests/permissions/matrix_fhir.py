"""Who is answered what at /fhir/."""

from __future__ import annotations

from typing import Any

from tests.permissions.answers import (
    ADMINS,
    BOOKERS,
    LISTERS,
    NORTH,
    READERS,
    STAFF,
    Answers,
    Row,
    everybody,
    inside,
    program,
    to,
)

CODE = {"coding": [{"system": "{public}/fhir/sid/procedure", "code": "CTCHEST"}]}
NORTHGATE = {"identifier": {"system": "{public}/fhir/sid/site", "value": "north"}}
REQUEST: dict[str, Any] = {
    "resourceType": "ServiceRequest", "status": "active", "intent": "order", "code": CODE,
    "subject": {"reference": "Patient/{patient}"}, "performer": [NORTHGATE],
}  # fmt: skip
BOOKING: dict[str, Any] = {
    "resourceType": "Appointment", "status": "booked", "basedOn": [{"reference": "ServiceRequest/{procedure}"}],
    "slot": [{"reference": "Slot/{slot}"}],
}  # fmt: skip
READING = (*READERS, "referrer")


def seen(here: str, key: str, roles: tuple[str, ...]) -> dict[str, Row]:
    """A type that people of the north and of the other site search, and whose objects are the north's."""
    return {
        f"fhir:{here}": Row(get=program(to((*roles, "outsider")))),
        f"fhir:{here}-search": Row(post=program(to((*roles, "outsider"))), body={"_count": "1"}),
        f"fhir:{here}-read": Row({"key": key}, get=program(inside(roles))),
    }


def made(here: str, key: str, roles: tuple[str, ...], post: Answers, body: dict[str, Any]) -> dict[str, Row]:
    rows = seen(here, key, roles)
    return rows | {f"fhir:{here}": Row(get=rows[f"fhir:{here}"].get, post=program(post), body=body)}


FHIR: dict[str, Row] = {
    "fhir:metadata": Row(get=everybody(200)),
    "fhir:nothing-here": Row({"rest": "=Nothing"}, get=everybody(404), post=everybody(404)),
    **seen("patient", "patient", NORTH),
    **made("servicerequest", "procedure", NORTH, to(("clerk", "radiologist"), 201, outsider=400), REQUEST),
    **made("appointment", "appointment", STAFF, to(BOOKERS, 201, outsider=400), BOOKING),
    **seen("schedule", "room", STAFF),
    "fhir:slot": Row(get=program(to((*STAFF, "outsider"))), query="?schedule=Schedule/{room}"),
    "fhir:slot-search": Row(post=program(to((*STAFF, "outsider"))), body={"schedule": "Schedule/{room}"}),
    "fhir:slot-read": Row({"key": "slot"}, get=program(inside(STAFF))),
    **seen("imagingstudy", "study", LISTERS),
    **seen("diagnosticreport", "signed", READING),
    **seen("observation", "measurement", READING),
    "fhir:endpoint": Row(get=program(to((*LISTERS, "outsider")))),
    "fhir:endpoint-search": Row(post=program(to((*LISTERS, "outsider"))), body={"_count": "1"}),
    "fhir:endpoint-read": Row({"key": "=dicom-web"}, get=program(to((*LISTERS, "outsider")))),
    "fhir:auditevent": Row(get=program(to(ADMINS))),
    "fhir:auditevent-search": Row(post=program(to(ADMINS)), body={"_count": "1"}),
    "fhir:auditevent-read": Row({"key": "audit_row"}, get=program(to(ADMINS))),
    "fhir:binary-read": Row({"key": "version"}, get=program(inside(READING))),
}
