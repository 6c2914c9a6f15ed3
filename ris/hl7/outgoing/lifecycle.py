"""States of a message on its way to a destination (HL7 v2.5.1 §2.9.2: MSA-1 decides)."""

from __future__ import annotations

from ris.core.lifecycle import lifecycle

OUTGOING = lifecycle(
    "state",
    {
        ("queued", "lease"): "sending",
        ("sending", "accept"): "accepted",
        ("sending", "retry"): "queued",
        ("sending", "park"): "parked",
        ("parked", "resend"): "queued",
        ("parked", "set-aside"): "set-aside",
        ("queued", "set-aside"): "set-aside",
        ("set-aside", "resend"): "queued",
        ("accepted", "replay"): "queued",
    },
    open=("queued", "sending"),
    stuck=("parked",),
    # What can be set aside: not what a sender has in its hands.
    waiting=("queued", "parked"),
    # What the next message for the same patient waits behind.
    ahead=("queued", "sending", "parked"),
    done=("accepted",),
)
