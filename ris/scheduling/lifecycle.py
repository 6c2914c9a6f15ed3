"""States of an appointment (FHIR appointmentstatus) and of a scheduled procedure step (PS3.3 C.4.10 (0040,0020))."""

from __future__ import annotations

from ris.core.lifecycle import lifecycle

APPOINTMENT = lifecycle(
    "state",
    {
        ("booked", "move"): "booked",
        ("booked", "arrive"): "arrived",
        ("booked", "cancel"): "cancelled",
        ("booked", "miss"): "noshow",
        ("booked", "fulfil"): "fulfilled",
        ("booked", "retract"): "entered-in-error",
        ("arrived", "fulfil"): "fulfilled",
        ("arrived", "cancel"): "cancelled",
        ("arrived", "undo-arrive"): "booked",
        ("noshow", "restore"): "booked",
        ("fulfilled", "reopen"): "arrived",
    },
    holding=("booked", "arrived", "fulfilled"),
    coming=("booked", "arrived"),
    expected=("booked",),
    missed=("noshow",),
    shown=("booked", "arrived", "fulfilled", "noshow"),
)

STEP = lifecycle(
    "state",
    {
        ("SCHEDULED", "arrive"): "ARRIVED",
        ("SCHEDULED", "start"): "STARTED",
        ("SCHEDULED", "cancel"): "CANCELED",
        ("ARRIVED", "prepare"): "READY",
        ("ARRIVED", "undo-arrive"): "SCHEDULED",
        ("ARRIVED", "start"): "STARTED",
        ("ARRIVED", "cancel"): "CANCELED",
        ("ARRIVED", "unbook"): "SCHEDULED",
        ("READY", "start"): "STARTED",
        ("READY", "cancel"): "CANCELED",
        ("READY", "unbook"): "SCHEDULED",
        ("STARTED", "start"): "STARTED",
        ("STARTED", "depart"): "DEPARTED",
        ("STARTED", "complete"): "COMPLETED",
        ("STARTED", "discontinue"): "DISCONTINUED",
        ("STARTED", "put-back"): "SCHEDULED",
        ("STARTED", "put-back-arrived"): "ARRIVED",
        ("DEPARTED", "complete"): "COMPLETED",
        ("DEPARTED", "discontinue"): "DISCONTINUED",
        ("DEPARTED", "put-back"): "SCHEDULED",
        ("DEPARTED", "put-back-arrived"): "ARRIVED",
        ("COMPLETED", "reopen"): "STARTED",
        ("COMPLETED", "put-back"): "SCHEDULED",
        ("COMPLETED", "put-back-arrived"): "ARRIVED",
        ("DISCONTINUED", "reopen"): "STARTED",
        ("DISCONTINUED", "put-back"): "SCHEDULED",
        ("DISCONTINUED", "put-back-arrived"): "ARRIVED",
    },
    waiting=("SCHEDULED", "ARRIVED", "READY"),
    here=("ARRIVED", "READY", "STARTED", "DEPARTED"),
    begun=("STARTED", "DEPARTED"),
    completed=("COMPLETED",),
    over=("COMPLETED", "DISCONTINUED"),
    live=("SCHEDULED", "ARRIVED", "READY", "STARTED", "DEPARTED"),
    gone=("CANCELED",),
)
