"""States of a delivery (DESIGN.md §4)."""

from __future__ import annotations

from ris.core.lifecycle import lifecycle

DELIVERY = lifecycle(
    "state",
    {
        ("pending", "lease"): "leased",
        ("leased", "finish"): "done",
        ("leased", "retry"): "pending",
        ("leased", "park"): "parked",
        ("parked", "resend"): "pending",
    },
    open=("pending", "leased"),
    stuck=("parked",),
    over=("done",),
)
