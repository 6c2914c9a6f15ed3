"""States of a performed procedure step (PS3.4 F.7), of a study here, and of a reading task (DESIGN.md §4)."""

from __future__ import annotations

from ris.core.lifecycle import lifecycle

# Final states are frozen: a further N-SET is answered 0x0110 (PS3.4 F.7.2.2.2).
PERFORMED = lifecycle(
    "state",
    {
        ("IN PROGRESS", "update"): "IN PROGRESS",
        ("IN PROGRESS", "complete"): "COMPLETED",
        ("IN PROGRESS", "discontinue"): "DISCONTINUED",
    },
    running=("IN PROGRESS",),
    over=("COMPLETED", "DISCONTINUED"),
    broken_off=("DISCONTINUED",),
)

# A message of a device: taken or refused at once, or parked until the N-CREATE that it belongs to has come.
MESSAGE = lifecycle(
    "state",
    {
        ("received", "take"): "taken",
        ("received", "refuse"): "refused",
        ("received", "park"): "parked",
        ("parked", "replay"): "replayed",
        ("parked", "refuse"): "refused",
    },
    parked=("parked",),
    replayed=("replayed",),
)

STUDY = lifecycle(
    "state",
    {
        ("new", "match"): "matched",
        ("new", "leave"): "unmatched",
        ("new", "block"): "blocked",
        ("unmatched", "match"): "matched",
        ("unmatched", "leave"): "unmatched",
        ("matched", "match"): "matched",
        ("matched", "unlink"): "unmatched",
        ("matched", "block"): "blocked",
        ("unmatched", "block"): "blocked",
        ("blocked", "unblock"): "unmatched",
        # A person linked it to somebody whom the archive calls otherwise: closed until the archive says the same.
        ("unmatched", "correct"): "correcting",
        ("matched", "correct"): "correcting",
        ("correcting", "correct"): "correcting",
        ("correcting", "match"): "matched",
        ("correcting", "unlink"): "unmatched",
        ("correcting", "block"): "blocked",
        # Its only images went back to the study that they were taken from: the archive has none of it.
        ("matched", "vanish"): "new",
        ("unmatched", "vanish"): "new",
        ("correcting", "vanish"): "new",
    },
    readable=("matched",),
    linked=("matched", "correcting"),
    correcting=("correcting",),
    queued=("unmatched", "correcting"),
    waiting=("new", "unmatched"),
    untold=("new",),
    left=("unmatched", "blocked"),
    reconcilable=("unmatched",),
    closed=("blocked",),
)

READING = lifecycle(
    "state",
    {
        ("waiting", "claim"): "claimed",
        ("waiting", "cancel"): "cancelled",
        ("claimed", "release"): "waiting",
        ("claimed", "hand-back"): "preliminary",
        ("claimed", "take-over"): "claimed",
        ("claimed", "draft"): "drafted",
        ("claimed", "cancel"): "cancelled",
        ("claimed", "report-preliminary"): "preliminary",
        ("claimed", "report"): "reported",
        ("drafted", "draft"): "drafted",
        ("drafted", "release"): "waiting",
        ("drafted", "hand-back"): "preliminary",
        ("drafted", "take-over"): "drafted",
        ("drafted", "cancel"): "cancelled",
        ("drafted", "report-preliminary"): "preliminary",
        ("drafted", "report"): "reported",
        ("preliminary", "claim"): "claimed",
        ("preliminary", "report"): "reported",
        ("preliminary", "return"): "drafted",
        ("reported", "reopen"): "waiting",
        # Its preliminary report was withdrawn, whoever has the case.
        ("preliminary", "reopen"): "waiting",
        ("claimed", "reopen"): "waiting",
        ("drafted", "reopen"): "waiting",
        ("reported", "recall"): "drafted",
    },
    free=("waiting", "preliminary"),
    unread=("waiting",),
    to_confirm=("preliminary",),
    mine=("claimed", "drafted"),
    untouched=("claimed",),
    written=("drafted",),
    open=("waiting", "claimed", "drafted", "preliminary"),
    closed=("reported", "cancelled"),
    seen=("claimed", "drafted", "preliminary", "reported"),
    signed=("preliminary", "reported"),
)

# How a case leaves its reader by what its report is: a preliminary one waits to be confirmed, any other to be read.
GIVEN_BACK = {"preliminary": "hand-back"}

# A study on its way to another patient or accession number at the archive; a failed one waits for a person.
REHOMING = lifecycle(
    "state",
    {
        ("waiting", "begin"): "moving",
        ("moving", "begin"): "moving",
        ("moving", "finish"): "done",
        ("waiting", "fail"): "failed",
        ("moving", "fail"): "failed",
        ("failed", "retry"): "waiting",
        ("failed", "drop"): "dropped",
    },
    open=("waiting", "moving"),
    unfinished=("waiting", "moving", "failed"),
    failed=("failed",),
    over=("done",),
    dropped=("dropped",),
)

# One object of it: kept here, stored and read back at its new place, gone from its old one.
MOVED_OBJECT = lifecycle(
    "state",
    {
        ("listed", "keep"): "kept",
        ("listed", "store"): "stored",
        ("kept", "store"): "stored",
        ("stored", "clear"): "moved",
    },
    untouched=("listed",),
    to_store=("listed", "kept"),
    kept=("kept",),
    to_clear=("stored",),
)

# What was brought from outside: files come in, are looked at, given to a patient, and stored.
OUTSIDE = lifecycle(
    "state",
    {
        ("collecting", "close"): "looking",
        ("looking", "show"): "ready",
        ("looking", "fail"): "failed",
        ("ready", "give"): "importing",
        ("importing", "finish"): "done",
        ("importing", "fail"): "failed",
        ("failed", "retry"): "importing",
        ("collecting", "discard"): "discarded",
        ("ready", "discard"): "discarded",
        ("failed", "discard"): "discarded",
    },
    collecting=("collecting",),
    looking=("looking",),
    ready=("ready",),
    importing=("importing",),
    failed=("failed",),
    done=("done",),
    working=("looking", "importing"),
    over=("done", "discarded"),
)

# A ZIP for the patient.
EXPORT = lifecycle(
    "state",
    {
        ("waiting", "make"): "made",
        ("waiting", "fail"): "failed",
        ("failed", "retry"): "waiting",
        ("made", "expire"): "gone",
    },
    waiting=("waiting",),
    made=("made",),
    failed=("failed",),
)
