from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import time_machine

from tests.ris.notifications.servers import gateway, mail_server
from tests.ris.scheduling.reminding import clock, desk

__all__ = ["clock", "desk", "gateway", "mail_server"]


@pytest.fixture
def midday() -> Iterator[None]:
    """Whoever comes late in the evening finds no time for the second part of an exam on that day."""
    with time_machine.travel(datetime.now(UTC).replace(hour=10, minute=0), tick=True):
        yield
