from __future__ import annotations

import pytest

from ris.dicom.archive import ArchiveStatus, health
from ris.dicom.archive.orthanc import OrthancArchive
from ris.dicom.archive.transport import Access
from tests.services.orthanc import Server
from tests.services.server import free_port


@pytest.mark.parametrize("version", ["1.10.1", "1.12.10", "1.9", "0.9.9"])
def test_an_orthanc_with_published_faults_is_named(version: str) -> None:
    (warning,) = health.cautions(ArchiveStatus("Orthanc", version))
    assert warning.id == "ris.dicom.W001"
    assert version in warning.msg


@pytest.mark.parametrize(
    ("name", "version"), [("Orthanc", "1.12.11"), ("Orthanc", "1.13.0"), ("Orthanc", ""), ("Other", "1.0")]
)
def test_a_newer_or_another_archive_is_not_blamed(name: str, version: str) -> None:
    assert health.cautions(ArchiveStatus(name, version)) == []


def test_the_running_archive_is_asked(orthanc_server: Server) -> None:
    archive = orthanc_server.archive()
    assert health.warnings(archive) == health.cautions(archive.ping())


def test_a_silent_archive_is_an_error_that_says_where_to_look() -> None:
    (error,) = health.warnings(OrthancArchive(Access(f"http://127.0.0.1:{free_port()}")))
    assert error.id == "ris.dicom.E001"
    assert error.hint is not None
    assert "ORTHANC_URL" in error.hint
