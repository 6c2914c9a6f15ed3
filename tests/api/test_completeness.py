"""Whatever can be done on a screen can be done at /api/v1/, or it is written here why not."""

from __future__ import annotations

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
# No screens of ours: the API itself, FHIR, the sign-in, what the viewer's own programs send, hooks.
ELSEWHERE = ("api:", "fhir:", "account", "mfa", "user", "admin", "viewer:", "hook-")


def actions_of_screens() -> set[str]:
    return {name for name, row in MATRIX.items() if row.post and not name.startswith(ELSEWHERE)}


def test_every_action_of_a_screen_has_a_station_or_a_reason() -> None:
    forgotten = actions_of_screens() - set(DONE_BY) - set(WHY_NOT)
    words = [
        f'add "{name}" to DONE_BY (with its station) or to WHY_NOT (with the reason)' for name in sorted(forgotten)
    ]
    assert words == []


def test_no_action_has_both_and_none_is_gone() -> None:
    assert set(DONE_BY) & set(WHY_NOT) == set()
    assert (set(DONE_BY) | set(WHY_NOT)) - actions_of_screens() == set()


def test_every_station_that_is_named_is_there_and_writes() -> None:
    there = {name for name, _route in named()}
    stations = {f"api:{station}" for found in DONE_BY.values() for station in found}
    assert stations - there == set()
    assert {name for name in stations if set(MATRIX[name].calls) <= {"GET"}} == set()


def test_every_reason_is_a_sentence() -> None:
    assert all(words.endswith(".") and len(words) > 30 for words in WHY_NOT.values())
