from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from ris.demo.modality.device import Device, Habits
from ris.demo.modality.scanner import Scanner
from tests.ris.demo.modality.peers import RecordingArchive, RecordingRis

TODAY = datetime(2024, 5, 6, 10, 20, 30, tzinfo=UTC)
MakeScanner = Callable[..., Scanner]


@pytest.fixture(scope="module")
def _listeners() -> Iterator[tuple[RecordingRis, RecordingArchive]]:
    """Opened once for all tests of a file: closing a server takes half a second."""
    pair = RecordingRis("ISOCENTER"), RecordingArchive("ORTHANC")
    yield pair
    for listener in pair:
        listener.close()


@pytest.fixture
def ris(_listeners: tuple[RecordingRis, RecordingArchive]) -> RecordingRis:
    listener = _listeners[0]
    listener.forget()
    listener.open()
    return listener


@pytest.fixture
def archive(_listeners: tuple[RecordingRis, RecordingArchive]) -> RecordingArchive:
    listener = _listeners[1]
    listener.forget()
    listener.open()
    return listener


@pytest.fixture
def scanner(ris: RecordingRis, archive: RecordingArchive) -> MakeScanner:
    """Makes a device at both peers whose clock stands at 6 May 2024, 10:20:30 UTC."""

    def make(ae_title: str = "CT1", **habits: Any) -> Scanner:
        chosen = Habits(**{"images": 5, **habits})
        return Scanner(Device(ae_title, ris.peer, archive.peer), chosen, clock=TODAY.timestamp)

    return make
