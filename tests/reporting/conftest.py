from __future__ import annotations

import uuid
from pathlib import Path

import pytest
from django.utils import timezone
from pytest_django import Settings

from reporting.signing import dev_certificate
from ris.core import identifiers


@pytest.fixture
def signing_key(tmp_path: Path, settings: Settings) -> None:
    """A development key, so that reports can be signed."""
    path = tmp_path / "signer.p12"
    dev_certificate.create(path, "test-only", "Isocenter test seal", at=timezone.now())
    settings.SIGNING_P12_FILE, settings.SIGNING_P12_PASSWORD = path, "test-only"


@pytest.fixture
def own_uids(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in an installation of its own: the archive of the run outlives the database of a test."""
    seed = uuid.uuid4().hex
    monkeypatch.setitem(identifiers._sources, "installation", lambda: ("2.25", seed))
