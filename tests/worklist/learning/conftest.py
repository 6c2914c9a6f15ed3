"""An archive of each test's own: the world of a test begins anew, and with it the numbers that it gives out."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from pytest_django import Settings

from tests.ris.dicom.archive.test_transport import peer
from tests.services.orthanc import Server

__all__ = ["peer"]


@pytest.fixture
def archive(fresh_orthanc: Callable[..., Server], settings: Settings) -> Server:
    """A running Orthanc, which the settings name; it may be killed."""
    server = fresh_orthanc()
    settings.ARCHIVE_KIND, settings.ORTHANC_URL, settings.ORTHANC_TOKEN = "orthanc", server.url, ""
    settings.ORTHANC_USERNAME, settings.ORTHANC_PASSWORD = server.credentials
    return server
