"""Who is answered what where programs set up the house: hours of rooms, devices, notices, emergencies, the trail."""

from __future__ import annotations

from tests.permissions.answers import ADMINS, BOOKERS, PEOPLE, READERS, VIEWERS, Row, inside, program, to

ARCHIVED = "6b9e19d9-62094390-5f9ddb01-4a191ae7-9766b715"  # a name such as the archive gives
NEW_DEVICE = {"site": "north", "name": "New", "ae_title": "NEW1", "host": "192.0.2.7", "port": 104}
STRETCH = {"room": "{#room}", "day": "{day}", "begins": "06:00", "ends": "06:30"}

HOUSE: dict[str, Row] = {
    "api:room-hours": Row(
        {"pk": "room"},
        get=program(to(ADMINS)),
        put=program(to(ADMINS)),
        body={"hours": [{"weekday": 0, "opens": "08:00", "closes": "24:00"}]},
    ),
    "api:step-free-times": Row({"pk": "step"}, get=program(inside(BOOKERS))),
    "api:closure-list": Row(
        get=program(to(ADMINS)), post=program(to(ADMINS, 201)), body={**STRETCH, "reason": "Service"}
    ),
    "api:closure-remove": Row({"pk": "closure"}, post=program(to(ADMINS, 204))),
    "api:kept-time-list": Row(
        get=program(to(ADMINS)), post=program(to(ADMINS, 201)), body={**STRETCH, "purpose": "emergency"}
    ),
    "api:kept-time-remove": Row({"pk": "kept_time"}, post=program(to(ADMINS, 204))),
    "api:holiday-list": Row(
        get=program(to(ADMINS)),
        post=program(to(ADMINS, 201)),
        body={"site": "north", "day": "{day}", "name": "Founders' day"},
    ),
    "api:holiday-remove": Row({"pk": "holiday"}, post=program(to(ADMINS, 204))),
    "api:figure-list": Row(get=program(to(("radiologist", *ADMINS, "outsider")))),
    "api:charge-list": Row(get=program(to(ADMINS)), query="?site=north&first=2027-01-01&last=2027-01-31"),
    "api:device-list": Row(get=program(to(ADMINS)), post=program(to(ADMINS, 201)), body=NEW_DEVICE),
    "api:device-detail": Row(
        {"pk": "node"}, get=program(to(ADMINS)), patch=program(to(ADMINS)), body={"host": "192.0.2.8"}
    ),
    "api:device-archive": Row({"pk": "node"}, get=program(to(ADMINS))),
    "api:device-heal": Row({"pk": "node"}, post=program(to(ADMINS))),
    "api:device-echo": Row({"pk": "node"}, post=program(to(ADMINS))),
    "api:device-worklist": Row({"pk": "node"}, get=program(to(ADMINS))),
    "api:device-contacts": Row({"pk": "node"}, get=program(to(ADMINS))),
    # Who may is sent on to the archive, which does not answer here.
    "api:device-image-test": Row(
        {"pk": "node"}, get=program(to(ADMINS, 503)), post=program(to(ADMINS, 503)), query="?test={image_test}"
    ),
    "api:device-image-test-picture": Row(
        {"pk": "node"}, get=program(to(ADMINS, 503)), query=f"?test={{image_test}}&instance={ARCHIVED}"
    ),
    "api:device-image-test-delete": Row(
        {"pk": "node"}, post=program(to(ADMINS, 503)), body={"test": "{image_test}", "study": ARCHIVED, "sure": True}
    ),
    "api:exam-reaction": Row(
        {"pk": "begun_step"},
        post=program(to("technologist")),
        body={"line": "{#contrast}", "reaction": "mild", "text": "Hives"},
    ),
    "api:exam-reaction-alert": Row(
        {"pk": "begun_step"}, post=program(to("technologist")), body={"line": "{#contrast}"}
    ),
    "api:side-check-list": Row(get=program(to((*VIEWERS, "outsider")))),
    "api:side-check-detail": Row({"pk": "side"}, get=program(inside(VIEWERS))),
    "api:side-check-answer": Row(
        {"pk": "side"}, post=program(inside(VIEWERS)), body={"answer": "label", "reason": "Asked the patient"}
    ),
    "api:case-priors": Row({"pk": "waiting"}, get=program(inside(READERS))),
    "api:case-object-detail": Row({"pk": "waiting"}, get=program(inside(READERS))),
    "api:case-object-store-again": Row(
        {"pk": "waiting"}, post=program(inside(READERS)), body={"delivery": "{#kept_delivery}"}
    ),
    "api:filter-list": Row(
        get=program(to((*READERS, "outsider"))),
        post=program(to((*READERS, "outsider"), 201)),
        body={"name": "CT", "filter": {"modality": "CT"}},
    ),
    "api:filter-drop": Row({"pk": "shared_filter"}, post=program(inside("radiologist", 204))),
    "api:notice-list": Row(get=program(to(PEOPLE))),
    "api:notice-read": Row({"pk": "notice"}, post=program(to("clerk", others=404))),
    "api:notice-read-all": Row(post=program(to(PEOPLE))),
    "api:report-numbers": Row({"pk": "draft"}, get=program(inside(READERS))),
    "api:report-choose": Row(
        {"pk": "draft"}, post=program(inside("radiologist")), body={"field": "{measured_field}", "measurement": ""}
    ),
    "api:report-compare": Row(
        {"pk": "draft"}, post=program(inside("radiologist")), body={"field": "{measured_field}", "earlier": "none"}
    ),
    "api:report-seen": Row({"pk": "draft"}, post=program(inside("radiologist")), body={"field": "{measured_field}"}),
    "api:report-doubts": Row({"pk": "draft"}, get=program(inside("radiologist"))),
    "api:report-joining": Row(
        {"pk": "draft"}, post=program(inside("radiologist")), body={"sections": {"findings": "Changed."}}
    ),
    "api:report-previous": Row({"pk": "draft"}, get=program(inside(READERS))),
    "api:amendment-joining": Row(
        {"pk": "amendment"}, post=program(inside("radiologist")), body={"texts": ["Changed."]}
    ),
    "api:emergency-access-list": Row(
        get=program(to(ADMINS)),
        post=program(to((*READERS, "outsider"), 201)),
        body={"study": "{study_uid}", "reason": "Polytrauma, unconscious"},
    ),
    "api:emergency-access-mine": Row(get=program(to((*READERS, "outsider")))),
    "api:emergency-access-end": Row({"pk": "own_access"}, post=program(to("radiologist", resident=404, outsider=404))),
    "api:emergency-access-review": Row({"pk": "access"}, post=program(to(ADMINS)), body={"outcome": "justify"}),
    "api:audit-event-list": Row(get=program(to(ADMINS))),
}
