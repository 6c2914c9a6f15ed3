"""Fifty exams that stand still or move, and the sentence that says so. It is 14:30 on 12 March 2027 at the site."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

NOW = datetime(2027, 3, 12, 14, 30, tzinfo=UTC)


def ago(minutes: int = 0, *, hours: int = 0, days: int = 0) -> datetime:
    return NOW - timedelta(minutes=minutes, hours=hours, days=days)


def ahead(minutes: int = 0, *, hours: int = 0, days: int = 0) -> datetime:
    return NOW + timedelta(minutes=minutes, hours=hours, days=days)


class Scenario(NamedTuple):
    facts: dict[str, Any]
    sentence: str
    who: str
    act: str
    blocked: bool


DESK, TECH, READER = "the front desk", "the technologist", "a radiologist"
RECONCILER, ADMIN = "whoever reconciles studies", "the administrator"
BOOKED: dict[str, Any] = {"step": "SCHEDULED", "appointment": "booked", "room": "CT 2"}
DONE: dict[str, Any] = {"step": "COMPLETED", "device": "CT2", "ended_at": ago(60)}
LINKED: dict[str, Any] = DONE | {"linked": True, "series": 4, "images": 400, "grew_at": ago(50)}
SIGNED: dict[str, Any] = LINKED | {"task": "reported", "signed_by": "Rita Radiologist", "signed_at": ago(5)}

SCENARIOS = (
    # Images before anybody began, or booked
    Scenario(
        {"placed_at": ago(90), "step": "SCHEDULED", "linked": True, "series": 1, "images": 5, "grew_at": ago(10)},
        "5 images in the archive, the last of 14:20, but nobody said that the exam was done: complete it, or it is to"
        " be read half an hour after that.",
        TECH,
        "exam",
        True,
    ),
    # Before anybody comes
    Scenario({"placed_at": ago(30)}, "To be booked since 14:00.", DESK, "book", True),
    Scenario(
        {"placed_at": ago(days=2), "urgent": True}, "Urgent and not booked since 10 Mar 14:30.", DESK, "book", True
    ),
    Scenario({"placed_at": ago(days=400)}, "To be booked since 5 Feb 2026.", DESK, "book", True),
    Scenario({}, "To be booked since an unknown time.", DESK, "book", True),
    Scenario({"order": "draft", "placed_at": ago(3)}, "To be booked since 14:27.", DESK, "book", True),
    Scenario(
        {"protocol": "open", "protocol_at": ago(90)},
        "Waits for a radiologist's protocol since 13:00.",
        READER,
        "protocol",
        True,
    ),
    Scenario(
        BOOKED | {"start": ahead(days=1), "protocol": "open", "protocol_at": ago(days=1)},
        "Waits for a radiologist's protocol since 11 Mar 14:30.",
        READER,
        "protocol",
        True,
    ),
    Scenario(
        {
            "protocol": "returned",
            "protocol_at": ago(20),
            "protocol_by": "Rita Radiologist",
            "protocol_said": "MR instead?",
        },
        "Sent back by Rita Radiologist at 14:10: MR instead?",
        DESK,
        "order",
        True,
    ),
    Scenario(
        {"protocol": "returned", "protocol_at": ago(20)}, "Sent back by the radiologist at 14:10.", DESK, "order", True
    ),
    Scenario(
        BOOKED | {"start": ahead(60), "stop": "eGFR 21", "stop_at": ago(10)},
        "Stopped for safety: eGFR 21. A physician must decide.",
        "a physician",
        "order",
        True,
    ),
    Scenario(BOOKED | {"start": ahead(30)}, "Booked in CT 2 for 15:00.", "", "", False),
    Scenario(BOOKED | {"start": ahead(days=3)}, "Booked in CT 2 for 15 Mar 14:30.", "", "", False),
    Scenario(BOOKED | {"start": ago(10)}, "Booked in CT 2 for 14:20.", "", "", False),
    Scenario(BOOKED | {"start": ago(40)}, "Expected in CT 2 at 13:50, not checked in.", DESK, "check-in", True),
    Scenario(
        {"appointment": "noshow", "step": "SCHEDULED", "start": ago(hours=3)},
        "The patient did not come at 11:30: book again or cancel the order.",
        DESK,
        "book",
        True,
    ),
    Scenario(
        {"step": "SCHEDULED", "to_ring_since": ago(25), "placed_at": ago(days=4)},
        "The time was given to somebody else at 14:05; the patient is to be rung.",
        DESK,
        "call-back",
        True,
    ),
    Scenario(
        {"step": "SCHEDULED", "start": ago(5), "device": "Portable 1"},
        "On the worklist of Portable 1 since 14:25, without an appointment.",
        TECH,
        "technologist",
        False,
    ),
    Scenario(
        {"step": "SCHEDULED", "start": ago(95)},
        "On the worklist since 12:55, without an appointment.",
        TECH,
        "technologist",
        True,
    ),
    # In the department
    Scenario(
        {"step": "ARRIVED", "appointment": "arrived", "room": "CT 2", "arrived_at": ago(10)},
        "The patient is here, waiting for CT 2 since 14:20.",
        TECH,
        "technologist",
        False,
    ),
    Scenario(
        {"step": "READY", "appointment": "arrived", "room": "CT 2", "arrived_at": ago(12)},
        "The patient is here, ready for CT 2 since 14:18.",
        TECH,
        "technologist",
        False,
    ),
    Scenario(
        {"step": "ARRIVED", "appointment": "arrived", "arrived_at": ago(55)},
        "The patient is here, waiting since 13:35.",
        TECH,
        "technologist",
        True,
    ),
    Scenario(
        {"step": "ARRIVED", "appointment": "arrived", "arrived_at": ago(15), "stop": "pacemaker", "stop_at": ago(5)},
        "Stopped for safety: pacemaker. A physician must decide.",
        "a physician",
        "order",
        True,
    ),
    Scenario(
        {"step": "STARTED", "appointment": "arrived", "room": "MR 1", "started_at": ago(20)},
        "Being examined in MR 1 since 14:10.",
        TECH,
        "",
        False,
    ),
    Scenario({"step": "STARTED", "started_at": ago(20)}, "Being examined since 14:10.", TECH, "", False),
    Scenario(
        {"step": "STARTED", "room": "MR 1", "started_at": ago(hours=6)},
        "Started in MR 1 at 08:30 and never closed: complete or discontinue it.",
        TECH,
        "technologist",
        True,
    ),
    Scenario(
        {"step": "STARTED", "room": "MR 1", "started_at": ago(hours=6), "stop": "eGFR 21"},
        "Started in MR 1 at 08:30 and never closed: complete or discontinue it.",
        TECH,
        "technologist",
        True,
    ),
    Scenario(
        {"step": "DISCONTINUED", "ended_at": ago(30), "ended_why": "Patient refused"},
        "Broken off at 14:00: Patient refused; book it again or cancel the order.",
        DESK,
        "book",
        True,
    ),
    Scenario(
        {"step": "DISCONTINUED", "ended_at": ago(30), "linked": True, "series": 1, "images": 20},
        "Broken off at 14:00; what was taken is to be read.",
        READER,
        "read",
        True,
    ),
    # From the device to the archive
    Scenario(DONE | {"ended_at": ago(4)}, "Done at 14:26; the images are expected now.", "", "", False),
    Scenario(
        DONE,
        "Done at 13:30, but no image is in the archive: send them again from the device.",
        TECH,
        "technologist",
        True,
    ),
    Scenario(
        DONE | {"device_seen_at": ago(58)},
        "Done at 13:30, but no image is in the archive; CT2 was last seen at 13:32: send them again from the device.",
        TECH,
        "technologist",
        True,
    ),
    Scenario(
        DONE | {"unmatched": 1, "unmatched_at": ago(50), "unmatched_why": "same accession, but birth date differs"},
        "Images came at 13:40 but could not be matched (same accession, but birth date differs).",
        RECONCILER,
        "reconcile",
        True,
    ),
    Scenario(
        BOOKED | {"start": ago(5), "unmatched": 1, "unmatched_at": ago(3)},
        "Images came at 14:27 but could not be matched.",
        RECONCILER,
        "reconcile",
        True,
    ),
    Scenario(
        LINKED | {"task": "waiting", "task_at": ago(50), "series": 3, "expected_series": 4, "device_seen_at": ago(28)},
        "3 of 4 series in the archive, CT2 last seen 14:02: call the technologist.",
        TECH,
        "technologist",
        True,
    ),
    Scenario(
        LINKED | {"series": 3, "expected_series": 4, "grew_at": ago(2)},
        "3 of 4 series in the archive; more are arriving.",
        "",
        "",
        False,
    ),
    Scenario(
        LINKED | {"task": "waiting", "task_at": ago(40), "images": 380, "expected_images": 400},
        "380 of 400 images in the archive: call the technologist.",
        TECH,
        "technologist",
        True,
    ),
    Scenario(
        LINKED | {"task": "waiting", "task_at": ago(40), "expected_series": 4, "expected_images": 400},
        "To be read since 13:50.",
        READER,
        "read",
        True,
    ),
    Scenario(
        LINKED | {"wrong_patient_at": ago(30), "task": "waiting", "task_at": ago(40)},
        "The images are reported as the wrong patient's at 14:00; they are closed until somebody reconciles them.",
        RECONCILER,
        "reconcile",
        True,
    ),
    Scenario(
        LINKED | {"held": True, "task": "drafted", "reader": "Rita Radiologist"},
        "The images are in doubt; they are closed until somebody reconciles them.",
        RECONCILER,
        "reconcile",
        True,
    ),
    # Reading
    Scenario(
        LINKED | {"task": "waiting", "task_at": ago(3), "urgent": True},
        "An urgent case, to be read since 14:27.",
        READER,
        "read",
        True,
    ),
    Scenario(
        LINKED | {"task": "claimed", "reader": "Rita Radiologist", "reader_at": ago(10)},
        "Rita Radiologist has the case since 14:20.",
        "Rita Radiologist",
        "read",
        False,
    ),
    Scenario(
        LINKED | {"task": "drafted", "reader": "Rita Radiologist", "reader_at": ago(10)},
        "Rita Radiologist is writing the report since 14:20.",
        "Rita Radiologist",
        "read",
        False,
    ),
    Scenario(
        LINKED | {"task": "drafted", "reader": "Rita Radiologist", "reader_at": ago(hours=5)},
        "Rita Radiologist is writing the report since 09:30, 5 hours now.",
        "Rita Radiologist",
        "read",
        True,
    ),
    Scenario(
        LINKED | {"task": "claimed", "reader": "Rita Radiologist", "reader_at": ago(days=3)},
        "Rita Radiologist has the case since 9 Mar 14:30, 3 days now.",
        "Rita Radiologist",
        "read",
        True,
    ),
    Scenario(
        LINKED
        | {"task": "drafted", "reader": "Rita Radiologist", "reader_at": ago(10), "series": 3, "expected_series": 4},
        "Rita Radiologist is writing the report since 14:20.",
        "Rita Radiologist",
        "read",
        False,
    ),
    Scenario(
        LINKED | {"task": "preliminary", "preliminary_by": "Rob Resident", "preliminary_at": ago(35)},
        "Preliminary report by Rob Resident of 13:55 waits for a radiologist to confirm it.",
        READER,
        "read",
        True,
    ),
    # Signed, or over
    Scenario(
        SIGNED | {"archive": "pending"},
        "Signed by Rita Radiologist at 14:25; its PDF is on the way to the archive.",
        "",
        "",
        False,
    ),
    Scenario(
        SIGNED | {"archive": "pending", "leaves_at": ago(-4)},
        "Signed by Rita Radiologist at 14:25; it leaves at 14:34.",
        "",
        "",
        False,
    ),
    Scenario(
        SIGNED | {"archive": "failed"},
        "Signed by Rita Radiologist at 14:25, but the archive did not take the PDF.",
        ADMIN,
        "deliveries",
        True,
    ),
    Scenario(
        SIGNED | {"archive": "archived", "archived_at": ago(4)},
        "Signed by Rita Radiologist at 14:25; the report stands in the study.",
        "",
        "",
        False,
    ),
    Scenario({"order": "cancelled", "ended_why": "Duplicate"}, "Cancelled: Duplicate.", "", "", False),
    Scenario({"order": "replaced"}, "Replaced by another order.", "", "", False),
)
