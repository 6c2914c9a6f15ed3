from __future__ import annotations

import uuid

import pytest

from ris.core import identifiers


@pytest.fixture
def own_uids(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in an installation of its own: the archive of the run outlives the database of a test."""
    seed = uuid.uuid4().hex
    monkeypatch.setitem(identifiers._sources, "installation", lambda: ("2.25", seed))
