"""The life of a downtime form: its number is used once, or never."""

from __future__ import annotations

from ris.core.lifecycle import lifecycle

FORM = lifecycle(
    "state",
    {
        ("unused", "enter"): "used",
        ("unused", "spoil"): "spoiled",
    },
    stock=("unused",),
    settled=("used", "spoiled"),
)
