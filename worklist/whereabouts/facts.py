"""What is known of one requested procedure when somebody asks where it is. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Facts:
    """Times are aware and in the zone of the site; "" and None mean that there is no such thing."""

    now: datetime
    order: str = "active"
    placed_at: datetime | None = None
    ended_why: str = ""
    urgent: bool = False
    protocol: str = ""
    protocol_at: datetime | None = None
    protocol_by: str = ""
    protocol_said: str = ""
    stop: str = ""
    stop_at: datetime | None = None
    appointment: str = ""
    start: datetime | None = None
    room: str = ""
    arrived_at: datetime | None = None
    to_ring_since: datetime | None = None
    step: str = ""
    started_at: datetime | None = None
    ended_at: datetime | None = None
    device: str = ""
    device_seen_at: datetime | None = None
    unmatched: int = 0
    unmatched_why: str = ""
    unmatched_at: datetime | None = None
    wrong_patient_at: datetime | None = None
    linked: bool = False
    images: int = 0
    expected_images: int = 0
    series: int = 0
    expected_series: int = 0
    grew_at: datetime | None = None
    task: str = ""
    task_at: datetime | None = None
    reader: str = ""
    reader_at: datetime | None = None
    held: bool = False
    preliminary_by: str = ""
    preliminary_at: datetime | None = None
    signed_by: str = ""
    signed_at: datetime | None = None
    leaves_at: datetime | None = None
    archive: str = ""
    archived_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """`act` names the step that moves it on, a key of `ACTS`; "" when nobody has to do anything."""

    sentence: str
    who: str = ""
    since: datetime | None = None
    act: str = ""
    blocked: bool = False
