"""What Orthanc alone offers on stored objects: each by its own name, to and from files, stored and deleted one by one.

Orthanc's names are made of PatientID and the three UIDs, so the same object can stand there for two patients at once:
that is what makes a move safe (the new one is there and proven before the old one goes), and why it must be quick
(while both stand there, DICOMweb answers 404 for the study).
"""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from django.conf import settings

from ris.dicom.archive import keys
from ris.dicom.archive.configured import get_archive
from ris.dicom.archive.dicomweb import readable
from ris.dicom.archive.errors import ArchiveError, InvalidKey, NotInArchive, NotSupported
from ris.dicom.archive.orthanc import ARCHIVE_ID, OrthancArchive
from ris.dicom.datasets import StudyRow

BLOCK: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Held:
    """One object as Orthanc holds it."""

    archive_id: str
    series_uid: str
    sop_uid: str


class OrthancObjects:
    """Orthanc's native API on studies and instances."""

    def __init__(self, archive: OrthancArchive) -> None:
        self._archive = archive

    def studies(self, study_uid: str) -> list[StudyRow]:
        """Every study of this UID, one for each patient that has it."""
        keys.uid_key(study_uid)
        with readable():
            found = self._archive.client.native("POST", "/tools/lookup", data=study_uid)
            ids = [_id(str(one["ID"])) for one in found if one["Type"] == "Study"]
        rows = [self._archive.study_by_archive_id(one) for one in ids]
        return [row for row in rows if row is not None]

    def tags(self, study_id: str) -> dict[str, str]:
        """What Orthanc tells of a study, as its objects write it, by keyword."""
        with readable():
            found = self._archive.client.native("GET", f"/studies/{_id(study_id)}")["MainDicomTags"]
            return {str(name): str(value) for name, value in found.items()}

    def times(self, study_id: str) -> dict[str, str]:
        """When each series of a study was begun, as DICOM date and time in one; "" where it does not say."""
        with readable():
            found = self._archive.client.native("GET", f"/studies/{_id(study_id)}/series")
            tags = [one["MainDicomTags"] for one in found]
            return {
                str(one["SeriesInstanceUID"]): f"{one.get('SeriesDate', '')} {one.get('SeriesTime', '')}".strip()
                for one in tags
            }

    def held(self, study_id: str) -> list[Held]:
        """Every object of one study, by Orthanc's name of the study; [] when there is none."""
        try:
            with readable():
                series = self._archive.client.native("GET", f"/studies/{_id(study_id)}/series")
                uids = {str(one["ID"]): str(one["MainDicomTags"]["SeriesInstanceUID"]) for one in series}
                found = self._archive.client.native("GET", f"/studies/{_id(study_id)}/instances")
                return [_held(one, uids) for one in found]
        except NotInArchive:
            return []

    def find(self, sop_uid: str) -> list[str]:
        """Orthanc's names of every object of this SOP Instance UID."""
        with readable():
            found = self._archive.client.native("POST", "/tools/lookup", data=keys.uid_key(sop_uid))
            return [_id(str(one["ID"])) for one in found if one["Type"] == "Instance"]

    def download(self, instance_id: str, target: Path) -> str:
        """The object as it is stored, into a file that is on the disk when this returns; SHA-256 (hex)."""
        digest = hashlib.sha256()
        url = self._url(f"/instances/{_id(instance_id)}/file")
        with self._archive.client.http.request("GET", url, stream=True) as answer, target.open("wb") as file:
            for part in answer.iter_content(BLOCK):
                digest.update(part)
                file.write(part)
            file.flush()
            os.fsync(file.fileno())
        return digest.hexdigest()

    def upload(self, source: Path) -> str:
        """Store a file; Orthanc's name of it. What is there already under that name stays: read it back."""
        with readable(), source.open("rb") as file:
            answer = self._archive.client.http.request(
                "POST", self._url("/instances"), data=file, headers={"Content-Type": "application/dicom"}
            ).json()
            if answer["Status"] not in {"Success", "AlreadyStored"}:
                raise ArchiveError("The archive did not store the object.", permanent=False)
            return _id(str(answer["ID"]))

    def delete(self, instance_id: str) -> None:
        """Idempotent."""
        try:
            self._archive.client.http.request("DELETE", self._url(f"/instances/{_id(instance_id)}"))
        except NotInArchive:
            return

    def reconstruct(self, study_id: str) -> None:
        """Let Orthanc read again what it tells of patient and study: it keeps what the first object said."""
        self._archive.client.http.request("POST", self._url(f"/studies/{_id(study_id)}/reconstruct"), data="{}")

    def download_media(self, study_id: str, target: Path) -> None:
        """The study as a ZIP with DICOMDIR (PS3.10), into a file; streamed."""
        url = self._url(f"/studies/{_id(study_id)}/media?extended")
        with self._archive.client.http.request("GET", url, stream=True) as answer, target.open("wb") as file:
            for part in answer.iter_content(BLOCK):
                file.write(part)

    def download_media_of(self, instance_ids: list[str], target: Path) -> None:
        """The same of these objects alone."""
        url, body = self._url("/tools/create-media-extended"), json.dumps([_id(one) for one in instance_ids])
        with (
            self._archive.client.http.request("POST", url, data=body, stream=True) as answer,
            target.open("wb") as file,
        ):
            for part in answer.iter_content(BLOCK):
                file.write(part)

    def _url(self, path: str) -> str:
        return self._archive.client.base + path


def get_objects() -> OrthancObjects:
    """NotSupported where the archive is not an Orthanc."""
    archive = get_archive()
    if settings.ARCHIVE_KIND != "orthanc" or not isinstance(archive, OrthancArchive):
        raise NotSupported("Only in an Orthanc can the RIS change stored objects. Correct them at the archive itself.")
    return OrthancObjects(archive)


def instance_id(patient_id: str, study_uid: str, series_uid: str, sop_uid: str) -> str:
    """Orthanc's name of an object (SHA-1 over patient and UIDs)."""
    seed = "|".join((patient_id, study_uid, series_uid, sop_uid)).encode()
    digest = hashlib.sha1(seed, usedforsecurity=False).hexdigest()
    return "-".join(digest[at : at + 8] for at in range(0, 40, 8))


def _held(one: dict[str, object], series: dict[str, str]) -> Held:
    tags = one["MainDicomTags"]
    if not isinstance(tags, dict):
        raise ArchiveError("The archive's answer cannot be understood.", permanent=False)
    return Held(_id(str(one["ID"])), series[str(one["ParentSeries"])], str(tags["SOPInstanceUID"]))


def _id(value: str) -> str:
    if not ARCHIVE_ID.fullmatch(value):
        raise InvalidKey("This is not a name that Orthanc gives.")
    return value
