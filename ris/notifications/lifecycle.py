"""States of a message. One on the screen is sent by being a row; only that one can be read."""

from __future__ import annotations

from ris.core.lifecycle import lifecycle

MESSAGE = lifecycle(
    "state",
    {
        ("queued", "send"): "sent",
        ("queued", "fail"): "failed",
        ("queued", "drop"): "dropped",
        ("failed", "resend"): "queued",
        ("sent", "read"): "read",
    },
    open=("queued",),
    reached=("sent", "read"),
    unread=("sent",),
    failed=("failed",),
)
