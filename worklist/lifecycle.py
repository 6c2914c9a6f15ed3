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
    },
    readable=("matched",),
    waiting=("new", "unmatched"),
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
