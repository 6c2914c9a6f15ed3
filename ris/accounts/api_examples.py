"""An example of a body for each operation of the API that has one and does not bring its own."""

from __future__ import annotations

from typing import Any, Final

ROOM: Final = {"room": 1, "start": "2027-03-05T10:00:00+01:00", "minutes": 20}
PERSON: Final = {"family_name": "Miller", "given_name": "Anna", "birth_date": "1970-02-28", "sex": "F"}
STRETCH: Final = {"room": 1, "day": "2027-03-05", "begins": "08:00", "ends": "10:00"}
REASON: Final = {"reason": "The patient called"}
# By the name of the operation; what is not here and wants a reason alone is given one.
EXAMPLES: Final[dict[str, dict[str, Any]]] = {
    "amendments_create": {"report": 1, "kind": "addendum"},
    "appointments_bedside": {"ward": "4 West", "bed": "12", "portable": True},
    "appointments_create": {"procedures": [1], **ROOM},
    "appointments_move": ROOM,
    "appointments_overbook": {"procedures": [1], **ROOM, "lane": "Emergencies", "reason": "Bleeding"},
    "appointments_resize": {"minutes": 30},
    "appointments_walk_in": {"patient": 1, "site": "north", "procedure": "CTCHEST", "priority": "STAT"},
    "amendments_joining": {"texts": ["Unchanged since 2019."], "base": [""]},
    "autotexts_take_in": {"autotexts": [{"keyword": "normal-chest", "text": "No abnormality."}]},
    "case-objects_store_again": {"delivery": 5},
    "cases_assign": {"person": "resident"},
    "cases_hand_over": {"person": "resident", "note": "Compare with 2025"},
    "cases_next": {"modality": "CT"},
    "cases_wet_read": {"text": "No bleeding.", "told_to": "Dr. Ward"},
    "cases_take_over": {"reason": "Away on leave"},
    "closures_create": {**STRETCH, "weeks": 4, "reason": "Service"},
    "deliveries_resend_all": {"subscriber": "worklist.match"},
    "devices_create": {"site": "north", "name": "CT 2", "ae_title": "CT2", "host": "192.0.2.7", "port": 104,
                       "modality": "CT"},
    "devices_image_test_delete": {"test": "eyJub2RlX2lkIjox", "study": "6b9e19d9-62094390-5f9ddb01-4a191ae7-9766b715",
                                  "sure": True},
    "devices_partial_update": {"host": "192.0.2.8"},
    "emergency-accesses_create": {"study": "N260000001", "reason": "Polytrauma, unconscious"},
    "emergency-accesses_review": {"outcome": "justify"},
    "exams_reaction": {"line": 1, "reaction": "mild", "text": "Hives"},
    "exams_reaction_alert": {"line": 1},
    "exams_record": {"dose": {"quantity": "dlp", "value": "312.5"}},
    "exams_start": {},
    "exams_strike": {"what": "dose", "line": 1, "reason": "Typed twice"},
    "exams_time_out": {"identifiers": ["name", "birth-date"]},
    "filters_create": {"name": "Urgent CT", "filter": {"modality": "CT", "priority": "STAT"}},
    "holidays_create": {"site": "north", "day": "2027-05-01", "name": "Labour day"},
    "kept-times_create": {**STRETCH, "purpose": "emergency"},
    "orders_create": {"patient": 1, "site": "north", "procedures": ["CTCHEST"], "reason": "Cough"},
    "orders_modify": {"revision": 0, "priority": "HIGH"},
    "orders_replace": {"procedures": ["MRBRAIN"], "why": "Another question"},
    "patients_add_alert": {"kind": "allergy", "text": "Latex", "noted_on": "2027-03-01"},
    "patients_create": {**PERSON, "site": "north"},
    "patients_end_alert": {"alert": 1, "reason": "Tested: no allergy"},
    "patients_identify": PERSON,
    "patients_partial_update": {"phone": "+49 30 1234567"},
    "patients_retire_number": {"issuer": "WARD", "value": "4711"},
    "patients_unmerge": {"reason": "They are twins"},
    "patients_unknown": {"site": "north", "estimated_age": 40},
    "protocols_approve": {"text": "Low dose, no contrast"},
    "reports_choose": {"field": "nodule", "measurement": "6f1c0c2b9d0e4a57"},
    "reports_compare": {"field": "nodule", "earlier": "none"},
    "reports_draft": {"revision": 0, "sections": {"findings": "No abnormality.", "impression": "Normal chest."}},
    "reports_joining": {"sections": {"findings": "No nodule."}, "base": {"findings": ""}},
    "reports_seen": {"field": "nodule"},
    "reports_send_back": {"comment": "Please measure the nodule."},
    "rooms_set_hours": {"hours": [{"weekday": 0, "opens": "08:00", "closes": "17:00"}]},
    "side-checks_answer": {"answer": "label", "reason": "Asked the patient"},
    "studies_link": {"requested_procedure": 12, "reason": "Asked at the device"},
    "studies_make_order": {"patient": 1, "site": "north", "procedure": "CTCHEST", "reason": "Done without an order"},
    "studies_move_series": {"requested_procedure": 14, "series": ["2.25.82"], "reason": "Another patient's images"},
    "studies_notify": {"study_instance_uid": "2.25.1234"},
    "studies_split": {"requested_procedure": 12, "series": ["2.25.81"], "reason": "Two exams in one study"},
    "studies_undo": {"decision": 3, "reason": "It was the other one"},
    "studies_unlink": {"requested_procedure": 12, "reason": "It is another patient's"},
    "downtime-forms_enter": {"who": "known", "patient": 1, "procedure": "CTCHEST",
                             "performed_at": "2027-03-05T22:10:00+01:00", "answers": []},
    "downtime-forms_put_on_paper": {"site": "north", "count": 20},
    "exports_create": {"study": 7, "recipient": "The patient"},
    "hl7-incoming_rehearse": {"sender": 1, "text": "MSH|^~\\&|EPIC|WARD|||20270305||ADT^A04|7|P|2.5.1"},
    "hl7-outgoing_set_aside": {"reason": "They read the report on paper"},
    "moves_give_up": {"reason": "The archive has no room"},
    "outside-deliveries_create": {"site": "north", "source": "County Hospital"},
    "outside-deliveries_give": {"patient": 1, "studies": ["2.25.77"], "accepted": ["given_name"]},
    "prints_appointments": {"kind": "label", "appointments": [1, 2]},
    "prints_order": {"kind": "wristband", "order": 1},
    "reports_put_on_paper": {"reports": [1, 2]},
    "users_create": {"username": "jdoe", "display_name": "Dr. Jane Doe", "dicom_name": "DOE^Jane^^Dr.",
                     "email": "jane.doe@example.org"},
    "users_partial_update": {"is_active": False},
    "users_roles": {"roles": [{"site": "north", "role": "resident"}]},
    "api-tokens_create": {"name": "Ward import", "user": "clerk", "scopes": ["patients:write", "orders:read"],
                          "days": 90},
    "hl7-senders_create": {"site": "north", "name": "Ward system", "application": "WARDSYS",
                           "rules": [{"target": "order.placer", "paths": "OBR-18"}],
                           "translations": [{"table": "room", "theirs": "CT-A", "ours": "CT 1"}]},
    "hl7-senders_partial_update": {"translations": [{"table": "priority", "theirs": "URGENT", "ours": "HIGH"}]},
    "hl7-destinations_create": {"site": "north", "name": "Hospital", "host": "192.0.2.9", "port": 2575},
    "hl7-destinations_partial_update": {"active": False},
    "webhooks_create": {"site": "north", "name": "Portal", "url": "https://portal.example.org/told",
                        "kinds": ["report.signed"]},
    "webhooks_partial_update": {"kinds": ["*"]},
    "device-profiles_create": {"name": "Works CT 64", "charset": "ISO_IR 100", "max_lengths": {"PatientName": 32}},
    "device-profiles_partial_update": {"arrived_only": True},
    "device-pools_create": {"site": "north", "name": "Portables of 4 West"},
    "device-pools_partial_update": {"name": "Portables"},
    "reading-groups_create": {"site": "north", "name": "Chest", "members": ["resident"]},
    "reading-groups_partial_update": {"members": ["resident", "radiologist"]},
    "reading-profiles_create": {"user": "resident", "modalities": "CT MR", "most_open": 5},
    "reading-profiles_partial_update": {"away": True},
    "assignment-rules_create": {"site": "north", "place": 10, "modality": "CT", "group": 1, "way": "least"},
    "assignment-rules_partial_update": {"active": False},
    "on-call_create": {"site": "north", "user": "resident", "start": "2027-03-05T18:00:00+01:00",
                       "end": "2027-03-06T08:00:00+01:00"},
    "on-call_partial_update": {"user": "radiologist"},
    "turnaround-rules_create": {"site": "north", "priority": "STAT", "modality": "CT", "minutes": 45},
    "turnaround-rules_partial_update": {"minutes": 60},
    "wrong-patients_settle": {"outcome": "Olsen's: the wristband was read"},
}  # fmt: skip


def add_examples(result: dict[str, Any], generator: Any, request: Any, public: bool) -> dict[str, Any]:  # noqa: FBT001
    """drf-spectacular's hook: the body's example, where the operation brings none."""
    for operation in (one for path in result["paths"].values() for one in path.values()):
        body = operation.get("requestBody", {}).get("content", {}).get("application/json")
        if body is None or "examples" in body:
            continue
        value = EXAMPLES.get(operation["operationId"], REASON if _asks_why(body["schema"]) else None)
        if value is not None:
            body["examples"] = {"Example": {"value": value}}
    return result


def _asks_why(schema: dict[str, Any]) -> bool:
    return str(schema.get("$ref", "")).endswith("/ReasonBodyRequest")
