"""Who is answered what, at every address (DESIGN.md §5.7).

Objects belong to the north site. Outsiders get 404, the same bytes as for what does not exist; who holds the right
nowhere gets 403 without anything being looked for; nobody gets the sign-in page, or 401 where programs ask.
"""

from __future__ import annotations

from tests.permissions.accounts import ACCOUNTS
from tests.permissions.answers import (
    ADMINS,
    ANSWERERS,
    BOOKERS,
    EXAMINERS,
    LISTERS,
    MERGERS,
    NORTH,
    OVERBOOKERS,
    PEOPLE,
    READERS,
    STAFF,
    VIEWERS,
    Row,
    everybody,
    inside,
    program,
    to,
)
from tests.permissions.bodies import APPOINTMENT, DEVICE, NODE, ORDER, PATIENT, PROCEDURE, SLOT, WHY, a_paper
from tests.permissions.matrix_api import API
from tests.permissions.matrix_api_house import HOUSE
from tests.permissions.matrix_fhir import FHIR
from tests.permissions.matrix_hl7 import HL7
from tests.permissions.matrix_reporting import REPORTING
from tests.permissions.matrix_settings import SETTINGS

STATIONS: dict[str, Row] = {
    "home": Row(get=to(PEOPLE)),
    "home-cards": Row(get=to(PEOPLE)),
    "home-alive": Row(post=to(PEOPLE, 204)),
    "favicon": Row(get=everybody(301)),
    "patients:list": Row(get=to(PEOPLE)),
    "patients:register": Row(
        get=to(("clerk", "outsider")),
        post=to("clerk", 302, outsider=422),  # the outsider is a clerk too, at another site
        body={"family_name": "Matrix", "given_name": "Max", "site": "{north}"},
    ),
    "patients:detail": Row(PATIENT, get=inside(NORTH)),
    "patients:edit": Row(PATIENT, get=inside(BOOKERS), post=inside(BOOKERS, 302), body={"family_name": "Matrix"}),
    "patients:register-temporary": Row(post=to(("clerk", "outsider"), 302)),  # each at their own site
    # The link of a mail: no sign-in, the token is the proof.
    "patients:decline-messages": Row({"token": "declining"}, get=everybody(200), post=everybody(200)),
    "patients:open": Row(PATIENT, post=inside(NORTH, 302), body=WHY),
    "patients:identify": Row(
        {"patient_id": "unknown"}, get=inside(BOOKERS), post=inside(BOOKERS, 302), body={"family_name": "Matrix"}
    ),
    "patients:add-identifier": Row(
        PATIENT, get=inside(BOOKERS), post=inside(BOOKERS, 302), body={"issuer": "KASSE", "value": "M-1"}
    ),
    "patients:retire-identifier": Row(PATIENT | {"identifier_id": "identifier"}, post=inside(BOOKERS, 302)),
    "patients:add-alert": Row(
        PATIENT,
        get=inside(BOOKERS),
        post=inside(BOOKERS, 302),
        body={"kind": "allergy", "text": "Penicillin", "noted_on": "2020-01-01"},
    ),
    "patients:end-alert": Row(
        PATIENT | {"alert_id": "alert"}, get=inside(BOOKERS), post=inside(BOOKERS, 302), body=WHY
    ),
    "patients:merge": Row(
        PATIENT, get=inside(MERGERS), post=inside(MERGERS, 302), body=WHY | {"with": "{twin}", "stays": "{patient}"}
    ),
    "patients:unmerge": Row({"patient_id": "alias"}, get=inside(MERGERS), post=inside(MERGERS, 302), body=WHY),
    "orders:list": Row(get=to(PEOPLE)),
    "orders:place": Row(
        PATIENT,
        get=inside(("clerk", "radiologist")),
        post=inside(("clerk", "radiologist"), 302),
        body={"site": "{north}", "procedures": ["{ct}"], "priority": "ROUTINE"},
    ),
    "orders:detail": Row(ORDER, get=inside(NORTH)),
    "orders:cancel": Row(ORDER, get=inside("clerk"), post=inside("clerk", 302), body=WHY),
    "orders:modify": Row(
        ORDER,
        get=inside(("clerk", "radiologist")),
        post=inside(("clerk", "radiologist"), 302),
        body={"priority": "HIGH", "revision": "0"},
    ),
    "orders:replace": Row(
        ORDER,
        get=inside(("clerk", "radiologist")),
        post=inside(("clerk", "radiologist"), 302),
        body={"procedures": ["{ct}"], "priority": "HIGH", "why": "Another exam"},
    ),
    "orders:discontinue": Row(
        {"order_id": "begun_order"}, get=inside(EXAMINERS), post=inside(EXAMINERS, 302), body=WHY
    ),
    "orders:answer": Row(
        {"order_id": "order", "kind": "=egfr"},
        get=inside(ANSWERERS),
        post=inside(ANSWERERS, 302),
        body={"value": "62", "measured_on": "2026-01-05", "source": "Laboratory", "effect": "none"},
    ),
    "orders:override": Row({"answer_id": "stop"}, get=inside("radiologist"), post=inside("radiologist", 302), body=WHY),
    "orders:attach": Row(ORDER, post=inside(ANSWERERS, 302), body={"file": a_paper}),
    "orders:paper": Row({"paper_id": "paper"}, get=inside(NORTH)),
    "orders:paper-withdraw": Row({"paper_id": "paper"}, get=inside(ANSWERERS), post=inside(ANSWERERS, 302), body=WHY),
    "orders:referrers": Row(get=to(("clerk", "radiologist", "outsider")), query="?referrer_name=Frank"),
    "orders:protocols": Row(get=to(("radiologist", "outsider"))),
    "orders:protocol": Row(
        {"protocol_id": "protocol"},
        get=inside("radiologist"),
        post=inside("radiologist", 302),
        body={"text": "As usual"},
    ),
    "orders:protocol-return": Row({"protocol_id": "protocol"}, post=inside("radiologist", 302), body=WHY),
    "orders:protocol-again": Row({"protocol_id": "returned"}, post=inside(("clerk", "radiologist"), 302)),
    "notifications:notices": Row(get=to(PEOPLE)),
    "notifications:bell": Row(get=to(PEOPLE)),
    "notifications:read-all": Row(post=to(PEOPLE, 302)),
    "notifications:read": Row({"message_id": "notice"}, post=to("clerk", 302, others=404)),
    "notifications:outgoing": Row(get=to(ADMINS)),
    "scheduling:day": Row(get=to((*STAFF, "outsider"))),
    "scheduling:board": Row(get=to((*STAFF, "outsider"))),
    "scheduling:book": Row(PROCEDURE, get=inside(BOOKERS), post=inside(BOOKERS, 302), body=SLOT),
    "scheduling:walk-in": Row(PATIENT, get=inside("clerk"), post=inside("clerk", 302), body={"exam": "MRBRAIN"}),
    "scheduling:appointment": Row(APPOINTMENT, get=inside(STAFF)),
    "scheduling:calendar-file": Row(APPOINTMENT, get=inside(STAFF)),
    "scheduling:move": Row(APPOINTMENT, get=inside(BOOKERS), post=inside(BOOKERS, 302), body=SLOT),
    "scheduling:bedside": Row(APPOINTMENT, get=inside(BOOKERS), post=inside(BOOKERS, 302), body={"ward": "4 West"}),
    "scheduling:cancel": Row(APPOINTMENT, get=inside(BOOKERS), post=inside(BOOKERS, 302), body=WHY),
    "scheduling:arrive": Row(APPOINTMENT, post=inside(BOOKERS, 302)),
    "scheduling:miss": Row({"appointment_id": "begun"}, post=inside(BOOKERS, 302)),
    "scheduling:restore": Row({"appointment_id": "missed"}, post=inside(BOOKERS, 302)),
    "scheduling:reopen": Row(
        {"appointment_id": "fulfilled"}, get=inside("technologist"), post=inside("technologist", 302), body=WHY
    ),
    "scheduling:call-back-done": Row({"call_back_id": "call_back"}, post=inside(BOOKERS, 302)),
    "scheduling:overbook": Row(
        PROCEDURE,
        get=inside(OVERBOOKERS),
        post=inside(OVERBOOKERS, 302),
        body={**SLOT, "way": "lane", "lane": "Second", "reason": "Emergency"},
    ),
    "scheduling:calendar": Row(get=to((*STAFF, "outsider"))),
    "scheduling:calendar-waiting": Row(get=to((*STAFF, "outsider"))),
    "scheduling:calendar-events": Row(get=to((*STAFF, "outsider")), query="?from={day}&to={day}"),
    "scheduling:calendar-book": Row(PROCEDURE, post=inside(BOOKERS), body=SLOT),
    "scheduling:calendar-place": Row(APPOINTMENT, post=inside(BOOKERS), body=SLOT),
    "scheduling:calendar-undo": Row(APPOINTMENT, post=inside(BOOKERS)),
    "scheduling:times": Row(
        get=to(ADMINS), post=to(ADMINS, 302), body={"kind": "holiday", "day": "{day}", "name": "Founders' day"}
    ),
    "scheduling:week": Row(
        {"room_id": "room"}, get=to(ADMINS, others=403), post=to(ADMINS, 302), body={"day_0": "08:00-12:00"}
    ),
    "scheduling:times-remove": Row({"kind": "=closure", "row_id": "closure"}, post=to(ADMINS, 302)),
    "worklist:reading-list": Row(get=to((*READERS, "outsider"))),
    "worklist:reading-rows": Row(get=to((*READERS, "outsider"))),
    "worklist:reading-tabs": Row(get=to((*READERS, "outsider"))),
    "worklist:next": Row(post=to((*READERS, "outsider"), 302)),
    "worklist:filter-keep": Row(
        post=to((*READERS, "outsider"), 302), body={"filter": "modality=CT", "name": "CT", "site": ""}
    ),
    "worklist:filter-drop": Row({"filter_id": "shared_filter"}, post=inside("radiologist", 302)),
    "worklist:priors": Row({"task_id": "waiting"}, get=inside(READERS)),
    "worklist:claim": Row({"task_id": "waiting"}, post=inside(READERS, 302)),
    "worklist:release": Row({"task_id": "held"}, post=inside("radiologist", 302)),  # who holds it
    "worklist:case": Row({"task_id": "waiting"}, get=inside(READERS)),
    "worklist:renew": Row({"task_id": "held"}, post=inside("radiologist", resident=409)),  # who holds it
    "worklist:assign": Row({"task_id": "waiting"}, post=inside("radiologist", 302), body={"to": "", "note": ""}),
    "worklist:take-over": Row({"task_id": "held_by_resident"}, post=inside("radiologist", 302, resident=409), body=WHY),
    "worklist:wet-read": Row(
        {"task_id": "waiting"}, post=inside(READERS, 302), body={"text": "No bleeding.", "told_to": "Dr. Ward"}
    ),
    "worklist:hand-over": Row(
        get=to((*READERS, "outsider")),
        post=to("radiologist", 302, resident=422, outsider=422),  # of cases in their own hands
        body={"case": "{held}", "to": "{resident_heir}"},
    ),
    "worklist:wet-reads": Row(get=to((*READERS, "referrer", "outsider"))),
    "worklist:wet-read-rows": Row(get=to((*READERS, "referrer", "outsider"))),
    "worklist:technologist": Row(get=to("technologist")),
    "worklist:technologist-rows": Row(get=to("technologist")),
    "downtime:overview": Row(get=to((*BOOKERS, *ADMINS, "outsider"))),
    "downtime:forms": Row(get=to((*BOOKERS, *ADMINS, "outsider"))),
    "downtime:print": Row(post=to((*BOOKERS, "siteadmin"), outsider=404), body={"site": "north", "count": "1"}),
    "downtime:find": Row(get=to((*BOOKERS, "outsider"), 302), query="?accession=N1"),
    "downtime:enter": Row(
        {"form_id": "form"},
        get=inside(BOOKERS),
        post=inside(BOOKERS, 302),
        body={"who": "unknown", "procedure": "{ct}", "priority": "STAT"},
    ),
    "downtime:spoil": Row(
        {"form_id": "form"}, get=inside((*BOOKERS, "siteadmin")), post=inside((*BOOKERS, "siteadmin"), 302), body=WHY
    ),
    "downtime:snapshot": Row({"snapshot_id": "snapshot"}, get=inside((*BOOKERS, "siteadmin"))),
    "downtime:passphrase": Row(
        {"code": "=north"},
        get=to(ADMINS),
        post=to(ADMINS, 302),
        body={"passphrase": "harbour lamp 7 willow", "again": "harbour lamp 7 willow"},
    ),
    "printing:day": Row(get=to(BOOKERS, outsider=200), query="?day={day}"),
    "printing:batch": Row(
        {"kind": "=label"},
        post=to(BOOKERS, outsider=422),  # at their own site, where there is no such appointment
        body={"site": "north", "appointment": ["{appointment}"]},
    ),
    "printing:appointment": Row(APPOINTMENT | {"kind": "=slip"}, post=inside(BOOKERS)),
    "printing:order": Row(ORDER | {"kind": "=wristband"}, post=inside(BOOKERS)),
    "worklist:step-verb": Row({"step_id": "step", "verb": "=start"}, post=to("technologist", 302)),
    "worklist:devices": Row(get=to(ADMINS)),
    "worklist:device-rows": Row(get=to(ADMINS)),
    "worklist:device-add": Row(
        get=to(ADMINS),
        post=to(ADMINS, 302),
        body=DEVICE | {"site": "{north}", "ae_title": "NEW1", "name": "New"},
    ),
    "worklist:device": Row(NODE, get=to(ADMINS)),
    "worklist:device-edit": Row(NODE, get=to(ADMINS), post=to(ADMINS, 302), body=DEVICE),
    "worklist:device-drift": Row(NODE, get=to(ADMINS)),
    "worklist:device-heal": Row(NODE, post=to(ADMINS, 302)),
    "worklist:device-echo": Row(NODE, post=to(ADMINS)),
    "worklist:device-worklist": Row(NODE, get=to(ADMINS)),
    "worklist:image-test": Row(NODE, get=to(ADMINS), post=to(ADMINS, 302)),
    # Without a test that was begun there is nothing to look at; a form says so on the page of the device.
    "worklist:image-test-look": Row(NODE, get=to(ADMINS, 404)),
    "worklist:image-test-picture": Row(NODE, get=to(ADMINS, 404)),
    "worklist:image-test-delete": Row(NODE, post=to(ADMINS, 302)),
    "worklist:exam": Row({"step_id": "step"}, get=to("technologist")),
    "worklist:exam-live": Row({"step_id": "step"}, get=to("technologist")),
    "worklist:exam-verb": Row({"step_id": "step", "verb": "=start"}, post=to("technologist", 302)),
    "worklist:exam-record": Row(
        {"step_id": "step", "what": "=comment"}, post=to("technologist", 302), body={"text": "Could not lie still."}
    ),
    "worklist:entry-strike": Row(
        {"what": "=contrast", "entry_id": "contrast"},
        get=to("technologist"),
        post=to("technologist", 302),
        body={"reason": "Mistyped"},
    ),
    "worklist:reaction": Row(
        {"entry_id": "contrast"},
        get=to("technologist"),
        post=to("technologist", 302),
        body={"reaction": "mild", "text": "Hives"},
    ),
    "worklist:reaction-alert": Row({"entry_id": "contrast"}, post=to("technologist", 302)),
    "worklist:wrong-patient": Row(
        {"step_id": "begun_step"}, get=to("technologist"), post=to("technologist", 302), body=WHY
    ),
    "worklist:side": Row(
        {"check_id": "side"},
        get=inside(VIEWERS),
        post=inside(VIEWERS, 302),
        body={"answer": "label", "reason": "Asked the patient"},
    ),
    "worklist:case-exam": Row({"task_id": "waiting"}, get=inside(READERS)),
    "worklist:incidents": Row(get=to(ADMINS)),
    "worklist:studies": Row(get=to((*LISTERS, "outsider"))),
    "worklist:rehomings": Row(get=to(("technologist", "radiologist", "outsider"))),
    "worklist:rehoming-give-up": Row(
        {"rehoming_id": "failed_move"}, post=inside(("technologist", "radiologist"), 302), body={"why": "Disk is full"}
    ),
    "worklist:rehoming-retry": Row({"rehoming_id": "failed_move"}, post=inside(("technologist", "radiologist"), 302)),
    "worklist:outside": Row(
        get=to((*EXAMINERS, "outsider")), post=to(EXAMINERS, 302, outsider=422), body={"site": "{north}"}
    ),
    "worklist:outside-delivery": Row(
        {"delivery_id": "looked_at"},
        get=inside(EXAMINERS),
        post=inside(EXAMINERS, 302),
        body={"patient": "{patient}", "studies": "2.25.99001", "family_name": "on", "given_name": "on"},
    ),
    "worklist:outside-progress": Row({"delivery_id": "looked_at"}, get=inside(EXAMINERS)),
    "worklist:outside-part": Row({"delivery_id": "collecting"}, post=inside(EXAMINERS), query="?name=IM1"),
    "worklist:outside-verb": Row({"delivery_id": "collecting", "verb": "=discard"}, post=inside(EXAMINERS, 302)),
    # Seen by who sees the images; this one came without a report.
    "worklist:outside-report": Row({"outside_id": "outside_study", "number": "=0"}, get=inside(VIEWERS, 404)),
    "worklist:export": Row(
        {"study_id": "study"}, get=inside(EXAMINERS), post=inside(EXAMINERS, 302), body={"recipient": "The patient"}
    ),
    "worklist:exports": Row(get=to((*EXAMINERS, "outsider"))),
    "worklist:export-rows": Row(get=to((*EXAMINERS, "outsider"))),
    # The clerk asked for it.
    "worklist:export-save": Row({"export_id": "export"}, get=inside("clerk", technologist=404, radiologist=404)),
    "worklist:wrong-patients": Row(get=to(("technologist", "radiologist", "outsider"))),
    "worklist:wrong-patient-settle": Row(
        {"row_id": "mistaken"},
        get=inside(("technologist", "radiologist")),
        post=inside(("technologist", "radiologist"), 302),
        body={"outcome": "They are Olsen's"},
    ),
    "worklist:queue": Row(get=to(("technologist", "radiologist", "outsider"))),
    "worklist:study": Row({"study_id": "unmatched_study"}, get=inside(("technologist", "radiologist"))),
    "worklist:study-decide": Row(
        {"study_id": "unmatched_study", "verb": "=link"},
        post=inside(("technologist", "radiologist"), 302),
        body={"exam": "{unmatched_exam}", "reason": "Asked at the device"},
    ),
    "worklist:study-series": Row(
        {"study_id": "mixed_study"},
        get=inside(("technologist", "radiologist")),
        post=inside(("technologist", "radiologist"), 302),
        body={"series": "2.25.8818.1", "target": "{others_exam}", "reason": "Two patients", "q": "{others_number}"},
    ),
    "worklist:study-series-picture": Row(
        {"study_id": "mixed_study", "series_id": "mixed_series"}, get=inside(("technologist", "radiologist"), 503)
    ),
    "worklist:decision-undo": Row(
        {"decision_id": "decision"},
        get=inside(("technologist", "radiologist")),
        post=inside(("technologist", "radiologist"), 302),
        body=WHY,
    ),
    "worklist:grown": Row(get=to((*READERS, "outsider"))),
    "worklist:grown-seen": Row({"task_id": "waiting"}, post=inside(READERS, 302)),
    "worklist:unclosed": Row(get=to("technologist")),
    "worklist:unclosed-close": Row({"step_id": "begun_step"}, post=to("technologist", 302)),
    "dashboards:dashboard": Row(get=to(("radiologist", *ADMINS, "outsider"))),
    "dashboards:csv": Row({"key": "=volumes"}, get=to(("radiologist", *ADMINS, "outsider"))),
    "events:deliveries": Row(get=to(ADMINS)),
    "events:resend-parked": Row(post=to(ADMINS, 302), body={"to": "webhook:1"}),
    "events:resend": Row({"delivery_id": "delivery"}, post=to(ADMINS, 302)),
    "audit:trail": Row(get=to(ADMINS)),
    "admin:index": Row(get=everybody(302) | {"admin": 200}),  # led to the admin's door, the house's own
}

# The viewer says the same to everybody who may not see: that there is nothing.
VIEWER: dict[str, Row] = {
    "viewer:reading-room": Row({"task_id": "waiting"}, get=to(READERS, others=404)),
    "viewer:beside": Row({"task_id": "waiting"}, get=to(READERS, others=404)),
    "viewer:beside-again": Row({"task_id": "waiting", "delivery_id": "kept_delivery"}, post=to(READERS, others=404)),
    "viewer:open": Row(get=to(VIEWERS, others=404), query="?StudyInstanceUIDs={study_uid}"),
    "viewer:screen": Row({"number": "=1"}, get=to(READERS, others=404), query="?task={waiting}"),
    "viewer:emergency": Row(
        get=to((*READERS, "outsider")),
        post=to((*READERS, "outsider"), 302),
        body={"study": "{study_uid}", "reason": "Polytrauma, unconscious"},
    ),
    "viewer:emergency-end": Row({"access_id": "own_access"}, post=to("radiologist", 302, resident=404, outsider=404)),
    "viewer:emergency-accesses": Row(get=to(ADMINS)),
    "viewer:emergency-review": Row(
        {"access_id": "access"}, get=to(ADMINS), post=to(ADMINS, 302), body={"outcome": "justify", "remark": ""}
    ),
    "viewer:still": Row(get=to(VIEWERS, 204, others=404), query="?StudyInstanceUIDs={study_uid}"),
    "viewer:open-short": Row(get=to(PEOPLE, 302), query="?study={study_uid}"),
    "viewer:open-ohif": Row(get=to(PEOPLE, 302), query="?StudyInstanceUIDs={study_uid}"),
    # Asked by nginx alone, and only where it carries the pixels (PIXELS=nginx).
    "viewer:permit": Row(get=everybody(404)),
    "viewer:ohif-config": Row(get=program(to(PEOPLE))),
    "viewer:ohif": Row(get=to(PEOPLE)),
    "viewer:ohif-file": Row({"name": "=app.js"}, get=everybody(200)),  # the viewer's own program, no data
    # Those who may are sent on to the archive, which does not answer here.
    "viewer:dicomweb": Row({"rest": "=studies/{study_uid}/metadata"}, get=program(to(VIEWERS, 502, others=404))),
}


PAGES = STATIONS | REPORTING | HL7
MATRIX = PAGES | VIEWER | API | HOUSE | SETTINGS | FHIR | ACCOUNTS
