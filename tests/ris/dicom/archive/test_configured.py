from __future__ import annotations

from pytest_django import Settings

from ris.dicom.archive import get_archive
from ris.dicom.archive.dicomweb import DicomwebArchive
from ris.dicom.archive.orthanc import OrthancArchive
from tests.services.orthanc import Server


def test_the_settings_name_the_archive(orthanc: Server) -> None:
    archive = get_archive()
    assert isinstance(archive, OrthancArchive)
    assert archive.ping().name == "Orthanc Isocenter"
    assert get_archive() is archive


def test_another_kind_of_archive_is_one_setting_away(orthanc: Server, settings: Settings) -> None:
    settings.ARCHIVE_KIND = "dicomweb"
    archive = get_archive()
    assert type(archive) is DicomwebArchive
    assert archive.ping().name == "DICOMweb"
