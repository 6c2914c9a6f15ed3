"""States of an order (HL7 table 0038, FHIR ServiceRequest.status) and of its protocols (DESIGN.md §4)."""

from __future__ import annotations

from ris.core.lifecycle import lifecycle

ORDER = lifecycle(
    "state",
    {
        ("draft", "place"): "active",
        ("draft", "modify"): "draft",
        ("draft", "cancel"): "cancelled",
        ("active", "start"): "in-progress",
        ("active", "modify"): "active",
        ("active", "cancel"): "cancelled",
        ("active", "replace"): "replaced",
        ("in-progress", "start"): "in-progress",
        ("in-progress", "modify"): "in-progress",
        ("in-progress", "complete"): "completed",
        ("in-progress", "discontinue"): "discontinued",
        ("completed", "reopen"): "in-progress",
    },
    open=("draft", "active", "in-progress"),
    bookable=("active", "in-progress"),
    matchable=("active", "in-progress", "completed", "discontinued"),  # what was taken is read
)

# A radiologist decides how the exam is done, or sends the order back to the desk with a reason.
PROTOCOL = lifecycle(
    "state",
    {
        ("open", "approve"): "approved",
        ("open", "return"): "returned",
        ("returned", "ask-again"): "open",
        ("returned", "approve"): "approved",
        ("approved", "approve"): "approved",
        ("approved", "return"): "returned",
    },
    waiting=("open",),
    returned=("returned",),
    decided=("approved",),
)
