from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from pydicom import config

from worklist.mwl.schedule import Schedule


@pytest.fixture
def lenient_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    """As worklist.scp sets it: pydicom neither warns about nor quotes a bad value."""
    monkeypatch.setattr(config.settings, "reading_validation_mode", config.IGNORE)
    monkeypatch.setattr(config.settings, "writing_validation_mode", config.IGNORE)


@pytest.fixture
def time_limit() -> Iterator[None]:
    """The test takes less than a second of processor time."""
    begun = time.process_time()
    yield
    assert time.process_time() - begun < 1.0


@pytest.fixture
def schedule() -> Schedule:
    """As at a server's first query: it knows the world as it is now."""
    kept = Schedule()
    kept.look()
    return kept
