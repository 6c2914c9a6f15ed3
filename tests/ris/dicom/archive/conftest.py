"""The two adapters, both at the real Orthanc."""

from __future__ import annotations

import pytest

from ris.dicom.archive import Archive
from tests.services.orthanc import Server


@pytest.fixture(params=["orthanc", "dicomweb"])
def archive(request: pytest.FixtureRequest, orthanc_server: Server) -> Archive:
    return orthanc_server.archive() if request.param == "orthanc" else orthanc_server.dicomweb()
