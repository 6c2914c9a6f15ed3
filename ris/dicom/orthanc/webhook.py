"""What Orthanc's hook (deploy/orthanc/hook.py) posts to /hooks/orthanc, checked and read. Pure.

The body is {"event": …, "id": …}: a kind of event and Orthanc's own name of the study, nothing about a patient.
"""

from __future__ import annotations

import hmac
import json
import re
from dataclasses import dataclass

NEW_STUDY = "NewStudy"
STUDY_GREW = "StudyGrew"
STABLE_STUDY = "StableStudy"
STUDY_DELETED = "StudyDeleted"
EVENTS = frozenset({NEW_STUDY, STUDY_GREW, STABLE_STUDY, STUDY_DELETED})

ARCHIVE_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{8}){4}")
BODY_MAX = 256


@dataclass(frozen=True, slots=True)
class HookEvent:
    """Something happened to a study; `archive_id` goes to `Archive.study_by_archive_id`."""

    event: str
    archive_id: str


def is_authorised(authorization: str, secret: str) -> bool:
    """Whether the Authorization header carries our secret; never when no secret is set."""
    return bool(secret) and hmac.compare_digest(authorization.encode(), f"Bearer {secret}".encode())


def read(body: bytes) -> HookEvent:
    """The event; ValueError when the body is none."""
    if len(body) > BODY_MAX:
        raise ValueError("An event of Orthanc is shorter than this.")
    told = json.loads(body)
    if not isinstance(told, dict):
        raise ValueError("This is not an event of Orthanc.")
    event, archive_id = told.get("event"), told.get("id")
    if not isinstance(event, str) or event not in EVENTS:
        raise ValueError("This is not an event of Orthanc.")
    if not isinstance(archive_id, str) or not ARCHIVE_ID.fullmatch(archive_id):
        raise ValueError("This is not a name that Orthanc gives.")
    return HookEvent(event, archive_id)
