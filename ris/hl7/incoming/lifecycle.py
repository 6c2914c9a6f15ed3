"""The life of a message that came in: kept before it is acted on (HL7 v2.5.1 chapter 2.9.2)."""

from __future__ import annotations

from ris.core.lifecycle import lifecycle

INBOUND = lifecycle(
    "state",
    {
        ("received", "finish"): "done",
        ("received", "park"): "parked",
        ("received", "refuse"): "refused",
        ("parked", "finish"): "done",
        ("parked", "park"): "parked",
        ("parked", "refuse"): "refused",
        ("refused", "finish"): "done",
        ("refused", "park"): "parked",
        ("refused", "refuse"): "refused",
    },
    open=("received", "parked"),
    undone=("received",),
    waiting=("parked",),
    failed=("refused",),
    again=("received", "parked", "refused"),
    done=("done",),
)
