"""Who is answered what where programs ask."""

from __future__ import annotations

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
    Row,
    everybody,
    inside,
    program,
    to,
)
from tests.permissions.bodies import JSON_SLOT, WHY
from tests.permissions.matrix_api_desk import DESK

API: dict[str, Row] = {
    "api:api-root": Row(get=program(to(PEOPLE))),
    "api:schema": Row(get=program(to(PEOPLE))),
    "api:docs": Row(get=to(PEOPLE)),
    "api:nothing-here": Row({"rest": "=nothing/"}, get=everybody(404), post=everybody(404)),
    "api:patient-list": Row(
        get=program(to(PEOPLE)),
        post=program(to("clerk", 201, outsider=400)),
        body={"family_name": "Matrix", "site": "north", "sparse": True},
    ),
    "api:patient-detail": Row(
        {"pk": "patient"},
        get=program(inside(NORTH)),
        patch=program(inside(BOOKERS)),
        body={"family_name": "Matrix"},
    ),
    "api:patient-unknown": Row(post=program(to("clerk", 201, outsider=400)), body={"site": "north"}),
    "api:patient-identify": Row(
        {"pk": "unknown"}, post=program(inside(BOOKERS)), body={"family_name": "Matrix", "given_name": "Max"}
    ),
    "api:patient-merge": Row(
        {"pk": "patient"},
        post=program(inside(MERGERS)),
        body={"into": "{#twin}", "reason": "Same passport"},
    ),
    "api:patient-unmerge": Row({"pk": "alias"}, post=program(inside(MERGERS)), body=WHY),
    "api:patient-add-number": Row(
        {"pk": "patient"}, post=program(inside(BOOKERS)), body={"issuer": "KASSE", "value": "M-1"}
    ),
    "api:patient-retire-number": Row(
        {"pk": "patient"}, post=program(inside(BOOKERS)), body={"issuer": "KASSE", "value": "K-1"}
    ),
    "api:patient-alerts": Row({"pk": "patient"}, get=program(inside(NORTH))),
    "api:patient-add-alert": Row(
        {"pk": "patient"},
        post=program(inside(BOOKERS, 201)),
        body={"kind": "allergy", "text": "Latex", "noted_on": "2020-01-01"},
    ),
    "api:patient-end-alert": Row(
        {"pk": "patient"}, post=program(inside(BOOKERS)), body={"alert": "{#alert}", "reason": "Tested"}
    ),
    "api:protocol-list": Row(get=program(to(PEOPLE))),
    "api:protocol-approve": Row(
        {"pk": "protocol"}, post=program(inside("radiologist")), body={"text": "Portal venous phase."}
    ),
    "api:protocol-send-back": Row({"pk": "protocol"}, post=program(inside("radiologist")), body=WHY),
    "api:protocol-ask-again": Row({"pk": "returned"}, post=program(inside(("clerk", "radiologist")))),
    "api:safety-answer-list": Row(
        get=program(to(PEOPLE)),
        post=program(to(ANSWERERS, 201, outsider=400)),
        body={
            "order": "{#order}",
            "kind": "egfr",
            "value": "80",
            "measured_on": "2026-01-05",
            "source": "Laboratory",
        },
    ),
    "api:safety-answer-override": Row({"pk": "stop"}, post=program(inside("radiologist")), body=WHY),
    "api:procedure-list": Row(get=program(to(PEOPLE))),
    "api:order-list": Row(
        get=program(to(PEOPLE)),
        post=program(to(("clerk", "radiologist"), 201, outsider=400)),
        body={"patient": "{#patient}", "site": "north", "procedures": ["CTCHEST"]},
    ),
    "api:order-detail": Row({"pk": "order"}, get=program(inside(NORTH))),
    "api:order-cancel": Row({"pk": "order"}, post=program(inside("clerk")), body=WHY),
    "api:order-modify": Row(
        {"pk": "order"},
        post=program(inside(("clerk", "radiologist"))),
        body={"revision": 0, "priority": "HIGH"},
    ),
    "api:order-replace": Row(
        {"pk": "order"},
        post=program(inside(("clerk", "radiologist"), 201)),
        body={"procedures": ["CTCHEST"], "why": "Another exam"},
    ),
    "api:order-discontinue": Row({"pk": "begun_order"}, post=program(inside(EXAMINERS)), body=WHY),
    "api:room-list": Row(get=program(to((*STAFF, "outsider")))),
    "api:step-list": Row(get=program(to((*STAFF, "outsider")))),
    "api:appointment-list": Row(
        get=program(to((*STAFF, "outsider"))),
        post=program(to(BOOKERS, 201, outsider=400)),
        body={"procedures": ["{#procedure}"], **JSON_SLOT},
    ),
    "api:appointment-walk-in": Row(
        post=program(to("clerk", 201, outsider=400)),
        body={"patient": "{#patient}", "site": "north", "procedure": "MRBRAIN"},
    ),
    "api:appointment-overbook": Row(
        post=program(to(OVERBOOKERS, 201, outsider=400)),
        body={"procedures": ["{#procedure}"], **JSON_SLOT, "reason": "Emergency"},
    ),
    "api:appointment-bedside": Row({"pk": "appointment"}, post=program(inside(BOOKERS)), body={"ward": "4 West"}),
    "api:call-back-list": Row(get=program(to((*STAFF, "outsider")))),
    "api:call-back-done": Row({"pk": "call_back"}, post=program(inside(BOOKERS))),
    "api:appointment-detail": Row({"pk": "appointment"}, get=program(inside(STAFF))),
    "api:appointment-move": Row({"pk": "appointment"}, post=program(inside(BOOKERS)), body=JSON_SLOT),
    "api:appointment-cancel": Row({"pk": "appointment"}, post=program(inside(BOOKERS)), body=WHY),
    "api:appointment-resize": Row({"pk": "appointment"}, post=program(inside(BOOKERS)), body={"minutes": 15}),
    "api:appointment-miss": Row({"pk": "begun"}, post=program(inside(BOOKERS))),
    "api:appointment-restore": Row({"pk": "missed"}, post=program(inside(BOOKERS))),
    "api:appointment-reopen": Row({"pk": "fulfilled"}, post=program(inside("technologist")), body=WHY),
    "api:appointment-arrive": Row({"pk": "appointment"}, post=program(inside(BOOKERS))),
    "api:exam-list": Row(get=program(to("technologist"))),
    "api:exam-detail": Row({"pk": "step"}, get=program(to("technologist"))),
    "api:exam-time-out": Row(
        {"pk": "step"}, post=program(to("technologist")), body={"identifiers": ["name", "birth-date"]}
    ),
    "api:exam-start": Row({"pk": "step"}, post=program(to("technologist"))),
    "api:exam-complete": Row({"pk": "begun_step"}, post=program(to("technologist"))),
    "api:exam-discontinue": Row({"pk": "begun_step"}, post=program(to("technologist")), body=WHY),
    "api:exam-wrong-patient": Row({"pk": "begun_step"}, post=program(to("technologist")), body=WHY),
    "api:exam-record": Row(
        {"pk": "begun_step"}, post=program(to("technologist")), body={"dose": {"quantity": "dlp", "value": "312.5"}}
    ),
    "api:exam-strike": Row(
        {"pk": "begun_step"},
        post=program(to("technologist")),
        body={"what": "contrast", "line": "{#contrast}", "reason": "Typed twice"},
    ),
    "api:study-list": Row(get=program(to((*LISTERS, "outsider")))),
    "api:study-detail": Row({"pk": "study"}, get=program(inside(LISTERS))),
    "api:study-candidates": Row({"pk": "unmatched_study"}, get=program(inside(("technologist", "radiologist")))),
    "api:study-decisions": Row({"pk": "unmatched_study"}, get=program(inside(("technologist", "radiologist")))),
    "api:study-link": Row(
        {"pk": "unmatched_study"},
        post=program(inside(("technologist", "radiologist"))),
        body={"requested_procedure": "{#unmatched_exam}", "reason": "Asked at the device"},
    ),
    "api:study-unlink": Row(
        {"pk": "decided_study"}, post=program(inside(("technologist", "radiologist"))), body={"reason": "Not hers"}
    ),
    "api:study-split": Row(
        {"pk": "decided_study"},
        post=program(inside(("technologist", "radiologist"))),
        body={"requested_procedure": "{#other_exam}", "series": ["2.25.8819.1"], "reason": "Abdomen"},
    ),
    "api:study-move-series": Row(
        {"pk": "mixed_study"},
        post=program(inside(("technologist", "radiologist"))),
        body={"requested_procedure": "{#others_exam}", "series": ["2.25.8818.1"], "reason": "Two patients"},
    ),
    "api:study-make-order": Row(
        {"pk": "unmatched_study"},
        post=program(inside("radiologist", technologist=400)),  # a site where nobody lets a technologist order
        body={"patient": "{#patient}", "procedure": "CTCHEST", "site": "north", "reason": "Never ordered"},
    ),
    "api:study-undo": Row(
        {"pk": "decided_study"},
        post=program(inside(("technologist", "radiologist"))),
        body={"decision": "{#decision}", "reason": "Not hers"},
    ),
    "api:study-notify": Row(
        post=program(to(("technologist", "radiologist", "outsider"), 202)), body={"study_instance_uid": "{study_uid}"}
    ),
    "api:case-list": Row(get=program(to((*READERS, "outsider")))),
    "api:case-detail": Row({"pk": "waiting"}, get=program(inside(READERS))),
    "api:case-next": Row(post=program(to(READERS, outsider=404))),
    "api:case-claim": Row({"pk": "waiting"}, post=program(inside(READERS))),
    "api:case-renew": Row({"pk": "held"}, post=program(inside("radiologist", resident=409))),
    "api:case-release": Row({"pk": "held"}, post=program(inside("radiologist"))),
    "api:case-take-over": Row({"pk": "held_by_resident"}, post=program(inside("radiologist", resident=409)), body=WHY),
    "api:case-assign": Row({"pk": "waiting"}, post=program(inside("radiologist"))),
    "api:case-hand-over": Row(
        {"pk": "held"}, post=program(inside("radiologist", resident=409)), body={"person": "resident"}
    ),
    "api:case-wet-read": Row(
        {"pk": "waiting"}, post=program(inside(READERS, 201)), body={"text": "No bleeding.", "told_to": "Dr. Ward"}
    ),
    "api:wet-read-list": Row(get=program(to((*READERS, "referrer", "outsider")))),
    "api:report-template-list": Row(get=program(to((*READERS, "referrer", "outsider")))),
    "api:report-template-detail": Row({"pk": "template"}, get=program(to((*READERS, "referrer", "outsider")))),
    "api:report-template-mrrt": Row({"pk": "template"}, get=program(to((*READERS, "referrer", "outsider")))),
    "api:report-list": Row(get=program(to((*READERS, "referrer", "outsider")))),
    "api:report-detail": Row({"pk": "signed"}, get=program(inside((*READERS, "referrer")))),
    "api:report-draft": Row(
        {"pk": "draft"},
        put=program(inside("radiologist", referrer=404)),
        body={"revision": "{#revision}", "sections": {"findings": "Changed."}},
    ),
    "api:amendment-list": Row(
        get=program(to(("radiologist", "outsider"))),
        post=program(to("radiologist", 201, outsider=400)),
        body={"report": "{#signed}", "kind": "correction"},
    ),
    "api:amendment-detail": Row({"pk": "amendment"}, get=program(inside("radiologist"))),
    "api:amendment-texts": Row(
        {"pk": "amendment"},
        put=program(inside("radiologist")),
        body={"revision": 0, "seen": 1, "texts": ["Unchanged since 2019."]},
    ),
    "api:amendment-drop": Row({"pk": "amendment"}, post=program(inside("radiologist"))),
    "api:key-image-list": Row(
        get=program(to((*READERS, "outsider"))),
        post=program(to("radiologist", 201, outsider=400)),
        body={"report": "{#draft}", "study_uid": "{draft_study}", "sop_uid": "2.25.31"},
    ),
    "api:key-image-leave-out": Row({"pk": "key_image"}, post=program(inside("radiologist"))),
    "api:critical-list": Row(
        get=program(to((*READERS, "referrer", "outsider"))),
        post=program(to(READERS, 201, referrer=400, outsider=400)),
        body={"case": "{#waiting}", "category": 1, "finding": "Pneumothorax", "recipient": "Dr. Ward"},
    ),
    "api:critical-detail": Row({"pk": "critical"}, get=program(inside((*READERS, "referrer")))),
    "api:critical-tell": Row(
        {"pk": "critical"},
        post=program(inside(READERS)),
        body={"told": "Dr. Ward", "way": "phone", "at": "{now}", "reached": True},
    ),
    "api:critical-withdraw": Row({"pk": "critical"}, post=program(inside(READERS)), body=WHY),
    "api:dictation-list": Row(
        get=program(to(("clerk", *READERS, "outsider"))),
        post=program(inside("radiologist", 201, clerk=400, resident=403, outsider=400)),
        body={"report": "{#draft}", "section": "findings", "seconds": 1, "audio": "{sound}"},
    ),
    "api:dictation-detail": Row({"pk": "clip"}, get=program(inside(("clerk", *READERS)))),
    "api:dictation-sound": Row({"pk": "clip"}, get=program(inside(READERS, clerk=403))),
    "api:dictation-claim": Row({"pk": "clip"}, post=program(inside("clerk"))),
    "api:dictation-put-back": Row({"pk": "taken_clip"}, post=program(inside(("clerk", "radiologist")))),
    "api:dictation-type": Row({"pk": "taken_clip"}, post=program(inside("clerk")), body={"text": "Words."}),
    "api:dictation-checked": Row({"pk": "typed_clip"}, post=program(inside("radiologist", clerk=404))),
    "api:dictation-delete-sound": Row({"pk": "clip"}, post=program(inside("radiologist"))),
    "api:delivery-list": Row(get=program(to(ADMINS))),
    "api:delivery-resend-all": Row(post=program(to(ADMINS)), body={"subscriber": "worklist.match"}),
    "api:delivery-resend": Row({"pk": "delivery"}, post=program(to(ADMINS))),
    "api:report-send-back": Row(
        {"pk": "to_return"}, post=program(inside("radiologist", referrer=403)), body={"comment": "Look again"}
    ),
    "api:report-recall": Row({"pk": "to_recall"}, post=program(inside("radiologist", resident=403, referrer=404))),
    "api:report-send-now": Row({"pk": "to_recall"}, post=program(inside("radiologist", resident=403, referrer=404))),
    "api:report-to-sign": Row(get=program(to((*READERS, "referrer", "outsider")))),
    "api:autotext-list": Row(
        get=program(to((*READERS, "outsider"))),
        post=program(to((*READERS, "outsider"), 201)),
        body={"keyword": "new", "text": "Words."},
    ),
    "api:autotext-detail": Row(
        {"pk": "autotext"},
        get=program(to("radiologist", resident=404, outsider=404)),
        put=program(to("radiologist", resident=404, outsider=404)),
        body={"keyword": "mine", "text": "Words."},
    ),
    "api:autotext-remove": Row({"pk": "autotext"}, post=program(to("radiologist", 204, resident=404, outsider=404))),
    "api:autotext-take-in": Row(
        post=program(to((*READERS, "outsider"))), body={"autotexts": [{"keyword": "taken-in", "text": "Words."}]}
    ),
    "api:version-pdf": Row({"pk": "version"}, get=program(inside((*READERS, "referrer")))),
    "hook-orthanc": Row(post=everybody(401)),  # without the shared secret nobody is the archive
}
API |= DESK
