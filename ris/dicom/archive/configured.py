"""The one archive of this installation, as the settings name it."""

from __future__ import annotations

from functools import lru_cache

from django.conf import settings

from ris.dicom.archive.dicomweb import DicomwebArchive
from ris.dicom.archive.orthanc import OrthancArchive
from ris.dicom.archive.protocol import Archive
from ris.dicom.archive.transport import Access

KINDS: dict[str, type[DicomwebArchive]] = {"orthanc": OrthancArchive, "dicomweb": DicomwebArchive}


def get_archive(*, patience: float = 30.0) -> Archive:
    """The archive of ARCHIVE_KIND at ORTHANC_URL. Cheap to call; nothing is sent until it is used.

    `patience`: seconds that an answer may take.
    """
    return _archive(
        settings.ARCHIVE_KIND,
        Access(
            url=settings.ORTHANC_URL,
            dicomweb_root=settings.ORTHANC_DICOMWEB_ROOT,
            username=settings.ORTHANC_USERNAME,
            password=settings.ORTHANC_PASSWORD,
            token=settings.ORTHANC_TOKEN,
            timeout=(3.0, patience),
        ),
    )


@lru_cache(maxsize=8)
def _archive(kind: str, access: Access) -> Archive:
    return KINDS[kind](access)
