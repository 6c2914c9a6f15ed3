"""When a call was, as a page shows and sends it: on the site's clock, to the minute."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

LOCAL: Final = "%Y-%m-%dT%H:%M"


def local(at: datetime | None, zone: ZoneInfo) -> datetime | None:
    return at.astimezone(zone).replace(tzinfo=None) if at else None


def written(at: datetime | None, zone: ZoneInfo) -> str:
    shown = local(at, zone)
    return f"{shown:{LOCAL}}" if shown else ""
