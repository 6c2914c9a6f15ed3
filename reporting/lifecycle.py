"""States of a report (HL7 tables 0085 and 0123, FHIR DiagnosticReport.status; DESIGN.md §4)."""

from __future__ import annotations

from ris.core.lifecycle import lifecycle

REPORT = lifecycle(
    "state",
    {
        ("draft", "save"): "draft",
        ("draft", "sign-preliminary"): "preliminary",
        ("draft", "sign"): "final",
        ("preliminary", "save"): "preliminary",
        ("preliminary", "return"): "draft",
        ("preliminary", "sign-preliminary"): "preliminary",
        ("preliminary", "sign"): "final",
        # It has been sent, and may be another patient's; so has one that went back to its author.
        ("preliminary", "withdraw"): "entered-in-error",
        ("draft", "withdraw-returned"): "entered-in-error",
        # Before it was released; what had been sent as preliminary is that again.
        ("final", "recall"): "draft",
        ("final", "recall-to-preliminary"): "preliminary",
        ("final", "addend"): "appended",
        ("final", "correct"): "corrected",
        ("final", "withdraw"): "entered-in-error",
        ("appended", "addend"): "appended",
        ("appended", "correct"): "corrected",
        ("appended", "withdraw"): "entered-in-error",
        ("corrected", "addend"): "appended",
        ("corrected", "correct"): "corrected",
        ("corrected", "withdraw"): "entered-in-error",
    },
    writable=("draft", "preliminary"),
    released=("final", "appended", "corrected"),
    signed=("preliminary", "final", "appended", "corrected"),
    shown=("preliminary", "final", "appended", "corrected", "entered-in-error"),
    withdrawn=("entered-in-error",),
    over=("final", "appended", "corrected", "entered-in-error"),
)

# The copy of a version in the archive: the screen never says "archived" before the re-read agreed.
ARCHIVING = lifecycle(
    "archive_state",
    {
        ("pending", "confirm"): "archived",
        ("pending", "fail"): "failed",
        ("failed", "retry"): "pending",
        # Its report was withdrawn before it had got there.
        ("pending", "withhold"): "withheld",
        ("failed", "withhold"): "withheld",
    },
    done=("archived",),
    settled=("archived", "withheld"),
    never=("withheld",),
)

# Objects that the viewer stored, on their way into the report.
OBJECT = lifecycle(
    "state",
    {
        ("received", "read"): "read",
        ("received", "refuse"): "refused",
        ("read", "read"): "read",
        ("refused", "refuse"): "refused",
        ("read", "supersede"): "superseded",
        ("refused", "read"): "read",
    },
    usable=("read",),
    refused=("refused",),
    replaced=("superseded",),
)

# Versions of a report template: one of each key is offered to new reports; a report keeps the one it began with.
TEMPLATE = lifecycle(
    "state",
    {
        ("draft", "edit"): "draft",
        ("draft", "publish"): "published",
        ("draft", "retire"): "retired",
        ("published", "retire"): "retired",
        ("retired", "publish"): "published",
    },
    open=("draft",),
    offered=("published",),
)

# A critical finding: open until somebody read it back; what was told of one that was none stays on record.
CRITICAL = lifecycle(
    "state",
    {
        ("open", "tell"): "told",
        ("told", "tell"): "told",
        ("open", "withdraw"): "withdrawn",
        ("told", "withdraw"): "withdrawn",
    },
    open=("open",),
    tellable=("open", "told"),
    none=("withdrawn",),
)

# A person's signing key: what it signed stays valid, whatever becomes of it.
KEY = lifecycle(
    "state",
    {("active", "replace"): "replaced", ("active", "revoke"): "revoked", ("replaced", "revoke"): "revoked"},
    signing=("active",),
    revoked=("revoked",),
)

# An addendum or a correction while it is written.
AMENDMENT = lifecycle(
    "state",
    {
        ("draft", "save"): "draft",
        ("draft", "sign"): "signed",
        ("draft", "drop"): "dropped",
        # Its version was taken back before it was released.
        ("signed", "recall"): "draft",
    },
    open=("draft",),
    signed=("signed",),
)

# A dictated recording: typed by somebody else, checked by whoever holds the case; its sound goes, its row stays.
CLIP = lifecycle(
    "state",
    {
        ("recorded", "claim"): "typing",
        # Another typist, when the first has had it for long or types here no more.
        ("typing", "claim"): "typing",
        ("typing", "put-back"): "recorded",
        ("typing", "type"): "typed",
        # By the engine of the house, before a typist took it.
        ("recorded", "transcribe"): "typed",
        ("typed", "confirm"): "confirmed",
        ("recorded", "delete"): "deleted",
        ("typing", "delete"): "deleted",
        # Its sound goes, and the text still has to be checked.
        ("typed", "delete"): "typed",
        ("confirmed", "delete"): "deleted",
    },
    queue=("recorded", "typing"),
    taken=("typing",),
    unchecked=("typed",),
)
