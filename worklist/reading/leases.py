"""How long a case stays with its reader without a sign of life (workflow.md rule 9)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

LEASE: Final = timedelta(minutes=15)
RENEW_SECONDS: Final = 60
"""How often an active page asks for more."""


def lease_from(now: datetime) -> datetime:
    return now + LEASE


def paused_minutes(until: datetime | None, now: datetime) -> int | None:
    """For how many minutes nothing was heard of the reader; None while the lease lasts."""
    if until is None or until >= now:
        return None
    return int((now - until + LEASE) / timedelta(minutes=1))
