"""Who is answered what where programs do what a desk does: papers, prints, discs, messages, what waits for somebody."""

from __future__ import annotations

from tests.permissions.answers import (
    ADMINS,
    ANSWERERS,
    BOOKERS,
    EXAMINERS,
    LISTERS,
    NORTH,
    PEOPLE,
    READERS,
    STAFF,
    Row,
    inside,
    program,
    to,
)
from tests.permissions.bodies import WHY, a_paper

DECIDERS = ("technologist", "radiologist")
IN, OUT, MOVE, FORM = {"pk": "hl7_in"}, {"pk": "hl7_out"}, {"pk": "failed_move"}, {"pk": "form"}

DESK: dict[str, Row] = {
    "api:paper-list": Row(
        get=program(to(PEOPLE)),
        post=program(to(ANSWERERS, 201, outsider=400)),
        body={"order": "{order}", "file": a_paper},
    ),
    "api:paper-detail": Row({"pk": "paper"}, get=program(inside(NORTH))),
    "api:paper-file": Row({"pk": "paper"}, get=program(inside(NORTH))),
    "api:paper-withdraw": Row({"pk": "paper"}, post=program(inside(ANSWERERS)), body=WHY),
    "api:print-list": Row(get=program(to((*BOOKERS, "outsider")))),
    "api:print-appointments": Row(
        post=program(to(BOOKERS, outsider=400)), body={"kind": "label", "appointments": ["{#appointment}"]}
    ),
    "api:print-order": Row(post=program(to(BOOKERS, outsider=400)), body={"kind": "wristband", "order": "{#order}"}),
    "api:report-put-on-paper": Row(
        post=program(to((*READERS, "referrer"), outsider=400)), body={"reports": ["{#signed}"]}
    ),
    "api:report-search": Row(get=program(to((*READERS, "referrer", "outsider")))),
    "api:downtime-form-list": Row(get=program(to((*BOOKERS, *ADMINS, "outsider")))),
    "api:downtime-form-detail": Row(FORM, get=program(inside((*BOOKERS, *ADMINS)))),
    "api:downtime-form-put-on-paper": Row(
        post=program(to((*BOOKERS, "siteadmin"), outsider=400)), body={"site": "north", "count": 1}
    ),
    "api:downtime-form-enter": Row(
        FORM,
        post=program(inside(BOOKERS, 201)),
        body={"who": "unknown", "procedure": "CTCHEST", "performed_at": "{now}"},
    ),
    "api:downtime-form-spoil": Row(FORM, post=program(inside((*BOOKERS, "siteadmin"))), body=WHY),
    "api:outside-delivery-list": Row(
        get=program(to((*EXAMINERS, "outsider"))),
        post=program(to(EXAMINERS, 201, outsider=400)),
        body={"site": "north"},
    ),
    "api:outside-delivery-detail": Row({"pk": "looked_at"}, get=program(inside(EXAMINERS))),
    "api:outside-delivery-files": Row(
        {"pk": "collecting"}, post=program(inside(EXAMINERS)), query="?name=IM1", body=b"DICM"
    ),
    "api:outside-delivery-close": Row({"pk": "gathered"}, post=program(inside(EXAMINERS))),
    "api:outside-delivery-compare": Row(
        {"pk": "looked_at"}, get=program(inside(EXAMINERS)), query="?patient={patient}"
    ),
    "api:outside-delivery-give": Row(
        {"pk": "looked_at"},
        post=program(inside(EXAMINERS)),
        body={"patient": "{#patient}", "studies": ["2.25.99001"], "accepted": ["family_name", "given_name"]},
    ),
    "api:outside-delivery-discard": Row({"pk": "looked_at"}, post=program(inside(EXAMINERS))),
    "api:outside-delivery-retry": Row({"pk": "not_stored"}, post=program(inside(EXAMINERS))),
    "api:export-list": Row(
        get=program(to((*EXAMINERS, "outsider"))),
        post=program(to(EXAMINERS, 201, outsider=400)),
        body={"study": "{#study}", "recipient": "The patient"},
    ),
    # The clerk asked for it.
    "api:export-detail": Row({"pk": "export"}, get=program(inside("clerk", technologist=404, radiologist=404))),
    "api:export-file": Row({"pk": "export"}, get=program(inside("clerk", technologist=404, radiologist=404))),
    "api:move-list": Row(get=program(to((*DECIDERS, "outsider")))),
    "api:move-detail": Row(MOVE, get=program(inside(DECIDERS))),
    "api:move-retry": Row(MOVE, post=program(inside(DECIDERS))),
    "api:move-give-up": Row(MOVE, post=program(inside(DECIDERS)), body=WHY),
    "api:wrong-patient-list": Row(get=program(to((*DECIDERS, "outsider")))),
    "api:wrong-patient-detail": Row({"pk": "mistaken"}, get=program(inside(DECIDERS))),
    "api:wrong-patient-settle": Row(
        {"pk": "mistaken"}, post=program(inside(DECIDERS)), body={"outcome": "They are Olsen's"}
    ),
    "api:exam-unclosed": Row(get=program(to("technologist"))),
    "api:incident-list": Row(get=program(to(ADMINS))),
    "api:case-grown": Row(get=program(to((*READERS, "outsider")))),
    "api:case-growth-seen": Row({"pk": "grown"}, post=program(inside(READERS))),
    "api:hl7-incoming-list": Row(get=program(to(ADMINS))),
    "api:hl7-incoming-detail": Row(IN, get=program(to(ADMINS))),
    "api:hl7-incoming-text": Row(IN, get=program(to(ADMINS))),
    "api:hl7-incoming-replay": Row(IN, post=program(to(ADMINS))),
    "api:hl7-incoming-senders": Row(get=program(to(ADMINS))),
    "api:hl7-incoming-rehearse": Row(
        post=program(to(ADMINS)), body={"sender": "{#hl7_sender}", "text": "MSH|^~\\&|EPIC|WARD"}
    ),
    "api:hl7-outgoing-list": Row(get=program(to(ADMINS))),
    "api:hl7-outgoing-detail": Row(OUT, get=program(to(ADMINS))),
    "api:hl7-outgoing-send": Row(OUT, post=program(to(ADMINS))),
    "api:hl7-outgoing-set-aside": Row(OUT, post=program(to(ADMINS)), body=WHY),
    "api:order-referrers": Row(get=program(to(("clerk", "radiologist", "outsider"))), query="?q=Frank"),
    "api:study-series": Row({"pk": "mixed_study"}, get=program(inside(LISTERS))),
    # Who decides is sent on to the archive, which does not answer here.
    "api:study-picture": Row({"pk": "mixed_study"}, get=program(inside(DECIDERS, 503)), query="?series={mixed_series}"),
    "api:patient-message-list": Row(get=program(to(ADMINS))),
    "api:patient-message-ways": Row(get=program(to(ADMINS))),
    "api:downtime-snapshot-list": Row(get=program(to((*BOOKERS, "siteadmin", "outsider")))),
    "api:downtime-snapshot-file": Row({"pk": "snapshot"}, get=program(inside((*BOOKERS, "siteadmin")))),
    "api:appointment-calendar-file": Row({"pk": "appointment"}, get=program(inside(STAFF))),
    "api:report-call-back": Row(get=program(to((*READERS, "referrer", "outsider"))), query="?q=Nobody"),
    "api:critical-audit-list": Row(get=program(to(ADMINS))),
}
