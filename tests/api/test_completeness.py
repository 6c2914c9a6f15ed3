"""Whatever can be done on a screen can be done at /api/v1/, or it is written here why not."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib import admin

from tests.permissions.addresses import named
from tests.permissions.matrix import MATRIX

# A page's POST and the stations of the API that do the same.
DONE_BY: dict[str, tuple[str, ...]] = {
    "patients:register": ("patient-list",),
    "patients:edit": ("patient-detail",),
    "patients:open": ("patient-detail",),
    "patients:register-temporary": ("patient-unknown",),
    "patients:identify": ("patient-identify",),
    "patients:add-identifier": ("patient-add-number",),
    "patients:retire-identifier": ("patient-retire-number",),
    "patients:add-alert": ("patient-add-alert",),
    "patients:end-alert": ("patient-end-alert",),
    "patients:merge": ("patient-merge",),
    "patients:unmerge": ("patient-unmerge",),
    "orders:place": ("order-list",),
    "orders:cancel": ("order-cancel",),
    "orders:modify": ("order-modify",),
    "orders:replace": ("order-replace",),
    "orders:discontinue": ("order-discontinue",),
    "orders:answer": ("safety-answer-list",),
    "orders:override": ("safety-answer-override",),
    "orders:protocol": ("protocol-approve",),
    "orders:protocol-return": ("protocol-send-back",),
    "orders:protocol-again": ("protocol-ask-again",),
    "scheduling:book": ("appointment-list",),
    "scheduling:calendar-book": ("appointment-list",),
    "scheduling:move": ("appointment-move",),
    "scheduling:calendar-place": ("appointment-move", "appointment-resize"),
    "scheduling:calendar-undo": ("appointment-move", "appointment-cancel"),
    "scheduling:cancel": ("appointment-cancel",),
    "scheduling:arrive": ("appointment-arrive",),
    "scheduling:miss": ("appointment-miss",),
    "scheduling:restore": ("appointment-restore",),
    "scheduling:reopen": ("appointment-reopen",),
    "scheduling:walk-in": ("appointment-walk-in",),
    "scheduling:overbook": ("appointment-overbook",),
    "scheduling:bedside": ("appointment-bedside",),
    "scheduling:call-back-done": ("call-back-done",),
    "scheduling:times": ("closure-list", "kept-time-list", "holiday-list"),
    "scheduling:week": ("room-hours",),
    "scheduling:times-remove": ("closure-remove", "kept-time-remove", "holiday-remove"),
    "worklist:next": ("case-next",),
    "worklist:claim": ("case-claim",),
    "worklist:release": ("case-release",),
    "worklist:renew": ("case-renew",),
    "worklist:assign": ("case-assign",),
    "worklist:take-over": ("case-take-over",),
    "worklist:hand-over": ("case-hand-over",),
    "worklist:wet-read": ("case-wet-read",),
    "worklist:step-verb": ("exam-start", "exam-complete", "exam-discontinue"),
    "worklist:exam-verb": ("exam-time-out", "exam-start", "exam-complete", "exam-discontinue"),
    "worklist:exam-record": ("exam-record",),
    "worklist:wrong-patient": ("exam-wrong-patient",),
    "worklist:entry-strike": ("exam-strike",),
    "worklist:study-decide": ("study-link", "study-unlink", "study-split", "study-make-order"),
    "worklist:decision-undo": ("study-undo",),
    "worklist:study-series": ("study-move-series",),
    "worklist:device-add": ("device-list",),
    "worklist:device-edit": ("device-detail",),
    "worklist:device-heal": ("device-heal",),
    "worklist:device-echo": ("device-echo",),
    "worklist:image-test": ("device-image-test",),
    "worklist:image-test-delete": ("device-image-test-delete",),
    "worklist:reaction": ("exam-reaction",),
    "worklist:reaction-alert": ("exam-reaction-alert",),
    "worklist:side": ("side-check-answer",),
    "notifications:read": ("notice-read",),
    "notifications:read-all": ("notice-read-all",),
    "worklist:filter-keep": ("filter-list",),
    "worklist:filter-drop": ("filter-drop",),
    "reporting:choose": ("report-choose",),
    "reporting:compare": ("report-compare",),
    "reporting:seen": ("report-seen",),
    "reporting:joining": ("report-joining",),
    "reporting:amendment-joining": ("amendment-joining",),
    "reporting:save": ("report-draft",),
    "reporting:return": ("report-send-back",),
    "reporting:recall": ("report-recall",),
    "reporting:send-now": ("report-send-now",),
    "reporting:autotexts": ("autotext-list",),
    "reporting:autotexts-import": ("autotext-take-in",),
    "reporting:autotext": ("autotext-detail", "autotext-remove"),
    "reporting:critical-case": ("critical-list",),
    "reporting:critical-tell": ("critical-tell",),
    "reporting:critical-withdraw": ("critical-withdraw",),
    "reporting:add-key-image": ("key-image-list",),
    "reporting:leave-out-key-image": ("key-image-leave-out",),
    "reporting:amendment": ("amendment-list", "amendment-texts", "amendment-drop"),
    "reporting:amendment-save": ("amendment-texts",),
    "reporting:dictations": ("dictation-list",),
    "reporting:dictation-checked": ("dictation-checked",),
    "reporting:dictation-delete": ("dictation-delete-sound",),
    "reporting:dictation": ("dictation-type",),
    "reporting:dictation-claim": ("dictation-claim",),
    "reporting:dictation-put-back": ("dictation-put-back",),
    "reporting:dictation-take-back": ("dictation-put-back",),
    "orders:attach": ("paper-list",),
    "orders:paper-withdraw": ("paper-withdraw",),
    "printing:batch": ("print-appointments",),
    "printing:appointment": ("print-appointments",),
    "printing:order": ("print-order",),
    "reporting:printed": ("report-put-on-paper",),
    "downtime:print": ("downtime-form-put-on-paper",),
    "downtime:enter": ("downtime-form-enter",),
    "downtime:spoil": ("downtime-form-spoil",),
    "worklist:outside": ("outside-delivery-list",),
    "worklist:outside-delivery": ("outside-delivery-give",),
    "worklist:outside-part": ("outside-delivery-files",),
    "worklist:outside-verb": ("outside-delivery-close", "outside-delivery-discard", "outside-delivery-retry"),
    "worklist:export": ("export-list",),
    "worklist:wrong-patient-settle": ("wrong-patient-settle",),
    "worklist:rehoming-retry": ("move-retry",),
    "worklist:rehoming-give-up": ("move-give-up",),
    "worklist:grown-seen": ("case-growth-seen",),
    "worklist:unclosed-close": ("exam-complete",),
    "hl7:incoming-replay": ("hl7-incoming-replay",),
    "hl7:incoming-try": ("hl7-incoming-rehearse",),
    "hl7:outgoing-send": ("hl7-outgoing-send",),
    "hl7:outgoing-set-aside": ("hl7-outgoing-set-aside",),
    "events:resend": ("delivery-resend",),
    "events:resend-parked": ("delivery-resend-all",),
    "viewer:beside-again": ("case-object-store-again",),
    "viewer:emergency": ("emergency-access-list",),
    "viewer:emergency-end": ("emergency-access-end",),
    "viewer:emergency-review": ("emergency-access-review",),
}
# A page that only shows (or a part of one, or a file), and the stations that show the same.
SHOWN_BY: dict[str, tuple[str, ...]] = {
    "patients:list": ("patient-list",),
    "patients:detail": ("patient-detail", "patient-alerts", "order-list"),
    "orders:list": ("order-list",),
    "orders:detail": ("order-detail", "paper-list", "safety-answer-list"),
    "orders:paper": ("paper-file",),
    "orders:referrers": ("order-referrers",),
    "orders:protocols": ("protocol-list",),
    "notifications:notices": ("notice-list",),
    "notifications:bell": ("notice-list",),
    "notifications:outgoing": ("patient-message-list", "patient-message-ways"),
    "scheduling:day": ("appointment-list", "call-back-list", "step-list"),
    "scheduling:board": ("appointment-list",),
    "scheduling:appointment": ("appointment-detail",),
    "scheduling:calendar-file": ("appointment-calendar-file",),
    "scheduling:calendar": ("appointment-list", "room-list"),
    "scheduling:calendar-waiting": ("step-list", "step-free-times"),
    "scheduling:calendar-events": ("appointment-list",),
    "printing:day": ("print-list", "appointment-list"),
    "worklist:reading-list": ("case-list",),
    "worklist:reading-rows": ("case-list",),
    "worklist:reading-tabs": ("filter-list",),
    "worklist:priors": ("case-priors",),
    "worklist:case": ("case-detail",),
    "worklist:case-exam": ("case-detail",),
    "worklist:wet-reads": ("wet-read-list",),
    "worklist:wet-read-rows": ("wet-read-list",),
    "worklist:technologist": ("exam-list",),
    "worklist:technologist-rows": ("exam-list",),
    "worklist:exam": ("exam-detail",),
    "worklist:exam-live": ("exam-detail",),
    "worklist:incidents": ("incident-list",),
    "worklist:devices": ("device-list",),
    "worklist:device-rows": ("device-list",),
    "worklist:device": ("device-detail", "device-contacts"),
    "worklist:device-drift": ("device-archive",),
    "worklist:device-worklist": ("device-worklist",),
    "worklist:image-test-look": ("device-image-test",),
    "worklist:image-test-picture": ("device-image-test-picture",),
    "worklist:studies": ("study-list",),
    "worklist:queue": ("study-list",),
    "worklist:study": ("study-detail", "study-candidates", "study-decisions", "study-series"),
    "worklist:study-series-picture": ("study-picture",),
    "worklist:rehomings": ("move-list",),
    "worklist:outside-progress": ("outside-delivery-detail",),
    "worklist:exports": ("export-list",),
    "worklist:export-rows": ("export-list",),
    "worklist:export-save": ("export-file",),
    "worklist:wrong-patients": ("wrong-patient-list",),
    "worklist:grown": ("case-grown",),
    "worklist:unclosed": ("exam-unclosed",),
    "downtime:overview": ("downtime-snapshot-list", "downtime-form-list"),
    "downtime:forms": ("downtime-form-list",),
    "downtime:find": ("downtime-form-list",),
    "downtime:snapshot": ("downtime-snapshot-file",),
    "dashboards:dashboard": ("figure-list",),
    "dashboards:csv": ("figure-list",),
    "events:deliveries": ("delivery-list",),
    "audit:trail": ("audit-event-list",),
    "reporting:archive": ("report-search",),
    "reporting:billing": ("charge-list",),
    "reporting:doubts": ("report-doubts",),
    "reporting:critical": ("critical-list",),
    "reporting:critical-export": ("critical-audit-list",),
    "reporting:panel": ("report-detail",),
    "reporting:numbers": ("report-numbers",),
    "reporting:dictation-sound": ("dictation-sound",),
    "reporting:dictation-queue": ("dictation-list",),
    "reporting:to-print": ("report-list",),
    "reporting:call-back": ("report-call-back",),
    "reporting:previous": ("report-previous",),
    "reporting:report-autotexts": ("autotext-list",),
    "reporting:autotexts-export": ("autotext-list",),
    "reporting:status": ("report-detail",),
    "reporting:detail": ("report-detail",),
    "reporting:pdf": ("version-pdf",),
    "hl7:incoming": ("hl7-incoming-list",),
    "hl7:incoming-message": ("hl7-incoming-detail",),
    "hl7:incoming-text": ("hl7-incoming-text",),
    "hl7:outgoing": ("hl7-outgoing-list",),
    "hl7:outgoing-message": ("hl7-outgoing-detail",),
    "viewer:beside": ("case-object-detail",),
    "viewer:emergency-accesses": ("emergency-access-list",),
}
# A table of the admin, and the stations that set up the same.
SET_UP_BY: dict[str, tuple[str, ...]] = {
    "accounts.User": ("user-list", "user-detail", "user-roles"),
    "accounts.ApiToken": ("api-token-list", "api-token-revoke"),
    "dicom.DevicePool": ("device-pool-list", "device-pool-detail"),
    "dicom.DeviceProfile": ("device-profile-list", "device-profile-detail"),
    "dicom.Node": ("device-list", "device-detail"),
    "hl7.Destination": ("hl7-destination-list", "hl7-destination-detail"),
    "hl7.Sender": ("hl7-sender-list", "hl7-sender-detail"),
    "scheduling.Holiday": ("holiday-list", "holiday-remove"),
    "webhooks.Webhook": ("webhook-list", "webhook-detail", "webhook-new-secret"),
    "worklist.AssignmentRule": ("assignment-rule-list", "assignment-rule-detail"),
    "worklist.OnCall": ("on-call-list", "on-call-detail"),
    "worklist.ReadingGroup": ("reading-group-list", "reading-group-detail"),
    "worklist.ReadingProfile": ("reading-profile-list", "reading-profile-detail"),
    "worklist.SavedFilter": ("filter-list", "filter-drop"),
    "worklist.TurnaroundRule": ("turnaround-rule-list", "turnaround-rule-detail"),
}
SIGNS = "It asks for the password or the second factor once more, in a browser: deliberately not part of the API."
PAGE = "It keeps what a page shows or remembers; a program has its own."
JUDGES = "A person looks at both and decides; there is nothing for a program to know better."
WHY_NOT: dict[str, str] = {
    "home-alive": PAGE,
    "patients:decline-messages": "The link of a mail to the patient: the token is the proof, and no account is there.",
    "downtime:passphrase": "A secret is typed by the person who keeps it; it must not lie in a program.",
    "reporting:drawn": "The viewer's own copy of what was drawn and not stored yet.",
    "reporting:withdraw": SIGNS,
    "reporting:sign": SIGNS,
    "reporting:to-sign": SIGNS,
    "passkey": SIGNS,
    "reporting:signing-keys": SIGNS,
    "reporting:signing-key-revoke": SIGNS,
    "reporting:signing-key-token": SIGNS,
    "reporting:signing-key-pin": JUDGES,
}
VIEWER = "A page for eyes, or the viewer's own program; images come over DICOMweb with the same token."
OUTWARD = "For people outside: the number on a paper is the proof, and nobody signs in."
MISSING = "There is no station for it yet; it is done on the screen."
SHOWN_NOWHERE: dict[str, str] = {
    "home": PAGE,
    "home-cards": PAGE,
    "favicon": PAGE,
    "reporting:verify": OUTWARD,
    "reporting:key-image-picture": VIEWER,
    "worklist:outside-report": MISSING,
    **dict.fromkeys(("viewer:reading-room", "viewer:open", "viewer:screen", "viewer:still", "viewer:open-short",
                     "viewer:open-ohif", "viewer:permit", "viewer:ohif-config", "viewer:ohif", "viewer:ohif-file",
                     "viewer:dicomweb"), VIEWER),
}  # fmt: skip
IN_THE_ADMIN = "It is set once, by a person who reads what stands beside it; there is no station for it yet."
SET_UP_NOWHERE: dict[str, str] = {
    "mfa.Authenticator": "Who took a second factor away must have been asked for their own, in a browser.",
    "usersessions.UserSession": "Addresses of people at their desks are looked at by a person and fetched by nobody.",
    "worklist.MppsMessage": "To look at when a device misbehaves; what came of each is at the exams and devices.",
    **dict.fromkeys(
        ("accounts.Site", "notifications.MessagePolicy", "notifications.Phrase", "orders.AccessionRule",
         "orders.Procedure", "orders.Referrer", "printing.Stationery", "reporting.Autotext",
         "reporting.CriticalInterval", "reporting.DictationRule", "reporting.EscalationContact",
         "reporting.PublishDelay", "reporting.ReportTemplate", "reporting.RuleLevel", "reporting.SiteLetterhead",
         "reporting.TemplateRule", "scheduling.Resource", "viewer.Hanging", "viewer.WindowPreset",
         "worklist.ContrastAgent", "worklist.ExamRule", "worklist.RejectReason"), IN_THE_ADMIN),
}  # fmt: skip
# No screens of ours: the API itself, FHIR, the sign-in, the admin (by its tables, below), hooks.
ELSEWHERE = ("api:", "fhir:", "account", "mfa", "user", "admin", "hook-")


def actions_of_screens() -> set[str]:
    return {name for name, row in MATRIX.items() if row.post and not name.startswith(ELSEWHERE)}


def screens_that_show() -> set[str]:
    """Those of which nothing but the showing is to be had; the form of an action is of the action."""
    return {name for name, row in MATRIX.items() if row.get and not row.post and not name.startswith(ELSEWHERE)}


def tables_of_the_admin() -> set[str]:
    return {model._meta.label for model in admin.site._registry}


KINDS = pytest.mark.parametrize(
    ("there", "mapped", "reasons", "names"),
    [
        (actions_of_screens, DONE_BY, WHY_NOT, "DONE_BY or WHY_NOT"),
        (screens_that_show, SHOWN_BY, SHOWN_NOWHERE, "SHOWN_BY or SHOWN_NOWHERE"),
        (tables_of_the_admin, SET_UP_BY, SET_UP_NOWHERE, "SET_UP_BY or SET_UP_NOWHERE"),
    ],
)
Mapped = dict[str, tuple[str, ...]]
Reasons = dict[str, str]


@KINDS
def test_everything_of_the_screens_has_a_station_or_a_reason(
    there: Callable[[], set[str]], mapped: Mapped, reasons: Reasons, names: str
) -> None:
    forgotten = there() - set(mapped) - set(reasons)
    assert [f'add "{name}" to {names}, with its station or the reason' for name in sorted(forgotten)] == []


@KINDS
def test_nothing_has_both_and_none_is_gone(
    there: Callable[[], set[str]], mapped: Mapped, reasons: Reasons, names: str
) -> None:
    assert set(mapped) & set(reasons) == set()
    assert (set(mapped) | set(reasons)) - there() == set(), names


@pytest.mark.parametrize(
    ("mapped", "methods"), [(DONE_BY, {"POST", "PUT", "PATCH"}), (SHOWN_BY, {"GET"}), (SET_UP_BY, set())]
)
def test_every_station_that_is_named_is_there_and_does_it(mapped: Mapped, methods: set[str]) -> None:
    there = {name for name, _route in named()}
    stations = {f"api:{station}" for found in mapped.values() for station in found}
    assert stations - there == set()
    assert {name for name in stations if methods and not methods & set(MATRIX[name].calls)} == set()


def test_every_table_that_is_set_up_by_programs_can_be_written() -> None:
    writing = {name for name, row in MATRIX.items() if row.post or row.put or row.patch}
    assert {table for table, found in SET_UP_BY.items() if not {f"api:{one}" for one in found} & writing} == set()


@pytest.mark.parametrize("reasons", [WHY_NOT, SHOWN_NOWHERE, SET_UP_NOWHERE])
def test_every_reason_is_a_sentence(reasons: Reasons) -> None:
    assert all(words.endswith(".") and len(words) > 30 for words in reasons.values())
