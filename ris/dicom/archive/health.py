"""Warnings about the archive that is actually running; shown to administrators, never a block."""

from __future__ import annotations

import re

from django.core.checks import CheckMessage, Error
from django.core.checks import Warning as Caution

from ris.dicom.archive.errors import ArchiveError
from ris.dicom.archive.protocol import Archive, ArchiveStatus

# Orthanc up to 1.12.10 dies of crafted files and requests (CVE-2026-5437 to -5445); the proxy's rules are the shield.
SAFE_ORTHANC = (1, 12, 11)
OLD_ORTHANC = "ris.dicom.W001"
SILENT_ARCHIVE = "ris.dicom.E001"


def warnings(archive: Archive) -> list[CheckMessage]:
    """Ask the archive who it is and say what an administrator should know; never raises."""
    try:
        status = archive.ping()
    except ArchiveError as error:
        hint = "Look at ORTHANC_URL, its credentials, and whether the archive runs."
        return [Error(error.message, hint=hint, id=SILENT_ARCHIVE)]
    return cautions(status)


def cautions(status: ArchiveStatus) -> list[CheckMessage]:
    """What is known to be wrong with this version of the archive."""
    version = tuple(int(part) for part in re.findall(r"[0-9]+", status.version)[:3])
    if not status.name.startswith("Orthanc") or not version or version >= SAFE_ORTHANC:
        return []
    return [
        Caution(
            f"Orthanc {status.version} has published faults that let a crafted file or request stop it.",
            hint="Install Orthanc 1.12.11 or newer. Until then keep it reachable by the RIS and the devices only.",
            id=OLD_ORTHANC,
        )
    ]
