"""Who is answered what at the addresses of reports."""

from __future__ import annotations

from tests.permissions.answers import ADMINS, READERS, Row, everybody, inside, to
from tests.permissions.bodies import DRAFT, SIGNED, WHY, a_dictation, autotexts

GONE = {"reason": "Images of another patient", "password": "{password}"}

REPORTING: dict[str, Row] = {
    "reporting:archive": Row(get=to((*READERS, "referrer", "outsider"))),
    "reporting:billing": Row(get=to(ADMINS)),
    "reporting:doubts": Row(DRAFT, get=inside("radiologist")),
    "reporting:amendment": Row(
        {"report_id": "signed", "kind": "=addendum"},
        get=inside("radiologist"),
        post=inside("radiologist", 302),
        body={"drop": "1"},
    ),
    "reporting:amendment-save": Row(
        {"report_id": "signed", "kind": "=addendum"},
        post=inside("radiologist"),
        body={"revision": "0", "seen": "1", "text-0": "Unchanged."},
    ),
    "reporting:amendment-joining": Row(
        {"report_id": "signed", "kind": "=addendum"}, post=inside("radiologist"), body={"text-0": "Changed."}
    ),
    "reporting:withdraw": Row(SIGNED, get=inside("radiologist"), post=inside("radiologist", 302), body=GONE),
    "reporting:return": Row(
        {"report_id": "to_return"}, post=inside("radiologist", 302), body={"comment": "Look again"}
    ),
    "reporting:critical": Row(get=to((*READERS, "referrer", "outsider"))),
    "reporting:critical-export": Row(get=to(ADMINS)),
    "reporting:critical-case": Row(
        {"task_id": "waiting"},
        get=inside(READERS),
        post=inside(READERS, 302),
        body={"category": "1", "finding": "Pneumothorax", "recipient": "Dr. Ward"},
    ),
    "reporting:critical-tell": Row(
        {"critical_id": "critical"},
        post=inside(READERS, 302),
        body={"told": "Dr. Ward", "way": "phone", "reached": "on", "at": "{now_local}"},
    ),
    "reporting:critical-withdraw": Row({"critical_id": "critical"}, post=inside(READERS, 302), body=WHY),
    "reporting:panel": Row({"task_id": "written"}, get=inside(READERS)),
    # A draft is for those who write; for a referrer it is not there yet.
    "reporting:numbers": Row(DRAFT, get=inside(READERS, referrer=404)),
    "reporting:choose": Row(DRAFT, post=inside("radiologist"), body={"field": "{measured_field}", "measurement": ""}),
    "reporting:compare": Row(DRAFT, post=inside("radiologist"), body={"field": "{measured_field}", "earlier": "none"}),
    "reporting:seen": Row(DRAFT, post=inside("radiologist"), body={"field": "{measured_field}"}),
    "reporting:add-key-image": Row(
        DRAFT, post=inside("radiologist"), body={"study": "{draft_study}", "image": "2.25.31", "frame": ""}
    ),
    "reporting:leave-out-key-image": Row({"key_image_id": "key_image"}, post=inside("radiologist")),
    "reporting:key-image-picture": Row({"key_image_id": "key_image"}, get=inside(READERS)),
    "reporting:drawn": Row(
        {"task_id": "written"}, get=inside(READERS), post=inside(READERS), body={"annotations": "[]"}
    ),
    "reporting:save": Row(
        DRAFT, post=inside("radiologist"), body={"revision": "{revision}", "section-findings": "Changed."}
    ),
    "reporting:dictations": Row(
        DRAFT,
        get=inside(READERS, referrer=403),
        post=inside("radiologist", referrer=403),
        body={"section": "findings", "seconds": "1", "audio": a_dictation},
    ),
    "reporting:dictation-checked": Row({"clip_id": "typed_clip"}, post=inside("radiologist")),
    "reporting:dictation-take-back": Row({"clip_id": "taken_clip"}, post=inside("radiologist")),
    "reporting:dictation-delete": Row({"clip_id": "clip"}, post=inside("radiologist")),
    "reporting:dictation-sound": Row({"clip_id": "clip"}, get=inside(READERS, clerk=403)),
    "reporting:dictation-queue": Row(get=to("clerk")),
    "reporting:dictation": Row(
        {"clip_id": "taken_clip"}, get=to("clerk"), post=to("clerk", 302), body={"text": "Words."}
    ),
    "reporting:dictation-claim": Row({"clip_id": "clip"}, post=to("clerk", 302)),
    "reporting:dictation-put-back": Row({"clip_id": "taken_clip"}, post=to("clerk", 302)),
    "reporting:joining": Row(DRAFT, post=inside("radiologist"), body={"section-findings": "Changed."}),
    "reporting:to-print": Row(get=to((*READERS, "referrer", "outsider"))),
    "reporting:printed": Row(post=to((*READERS, "referrer"), outsider=422), body={"report": "{signed}"}),
    "reporting:call-back": Row(get=to((*READERS, "referrer", "outsider"))),
    "reporting:to-sign": Row(
        get=to((*READERS, "outsider")),
        post=to(READERS, outsider=422),
        body={"report": "{draft}:{revision}", "password": "{password}"},
    ),
    "reporting:recall": Row({"report_id": "to_recall"}, post=inside("radiologist", 302, resident=403, referrer=403)),
    "reporting:send-now": Row({"report_id": "to_recall"}, post=inside("radiologist", 302, resident=403, referrer=403)),
    "reporting:previous": Row(DRAFT, get=inside(READERS)),
    "reporting:report-autotexts": Row(DRAFT, get=inside(READERS, referrer=403)),
    "reporting:autotexts": Row(
        get=to((*READERS, "outsider")), post=to((*READERS, "outsider"), 302), body={"keyword": "new", "text": "Words."}
    ),
    "reporting:autotexts-export": Row(get=to((*READERS, "outsider"))),
    "reporting:autotexts-import": Row(post=to((*READERS, "outsider"), 302), body={"file": autotexts}),
    "reporting:autotext": Row(
        {"autotext_id": "autotext"},
        get=to("radiologist", resident=404, outsider=404),
        post=to("radiologist", 302, resident=404, outsider=404),
        body={"keyword": "mine", "text": "Words."},
    ),
    "reporting:verify": Row({"code": "verify_code"}, get=everybody(200)),
    # An empty form of a key: the page again, to those who may bring one.
    "reporting:signing-keys": Row(
        get=to((*READERS, "admin", "outsider")), post=to((*READERS, "admin", "outsider")), body={}
    ),
    # An empty form here too.
    "reporting:signing-key-token": Row(get=to((*READERS, "outsider")), post=to((*READERS, "outsider")), body={}),
    "reporting:signing-key-pin": Row({"pin_id": "refused_pin"}, post=to("admin", 302)),
    "reporting:signing-key-revoke": Row(
        {"key_id": "signing_key"},
        get=to("radiologist", admin=200, resident=404, outsider=404),
        post=to("radiologist", 302, admin=302, resident=404, outsider=404),
        body={"reason": "Lost"},
    ),
    "reporting:sign": Row(
        DRAFT,
        post=inside("radiologist"),
        body={"revision": "{revision}", "numbers": "{numbers}", "password": "{password}"},
    ),
    "reporting:status": Row(SIGNED, get=inside((*READERS, "referrer"))),
    "reporting:detail": Row(SIGNED, get=inside((*READERS, "referrer"))),
    "reporting:pdf": Row({"version_id": "version"}, get=inside((*READERS, "referrer"))),
}
