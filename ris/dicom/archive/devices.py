"""What Orthanc alone offers about devices: its list of modalities, and what a device has just sent."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from django.conf import settings

from ris.dicom.archive.configured import get_archive
from ris.dicom.archive.dicomweb import readable
from ris.dicom.archive.errors import InvalidKey, NotInArchive, NotSupported
from ris.dicom.archive.orthanc import ARCHIVE_ID, OrthancArchive
from ris.dicom.datasets import StudyRow
from ris.dicom.modalities import Entry

MODALITY_NAME: Final = re.compile(r"[A-Za-z0-9_\-]{1,64}")
PNG: Final = b"\x89PNG\r\n\x1a\n"
PATIENCE: Final = 8.0  # seconds; somebody looks at a page meanwhile
FEED_PAGE: Final = 1000
PAGES_AT_ONCE: Final = 20
LOOKED_AT_ONCE: Final = 200
TAGS_MAX: Final = 400


@dataclass(frozen=True, slots=True)
class Moment:
    """A point in the archive's life: its own clock (UTC, YYYYMMDDTHHMMSS), and the place in its change feed."""

    clock: str
    position: int


@dataclass(frozen=True, slots=True)
class Arrival:
    """One object that a device sent; `received` is the archive's clock."""

    instance_id: str
    study_id: str
    received: str

    @property
    def clock(self) -> str:
        """`received` as a person reads it."""
        day, _, time = self.received.partition("T")
        return f"{day[:4]}-{day[4:6]}-{day[6:]} {time[:2]}:{time[2:4]}:{time[4:6]}" if time else self.received


@dataclass(frozen=True, slots=True)
class Tag:
    """One element at the top of a dataset, as it may be shown: no sequence, no bulk."""

    tag: str
    name: str
    value: str


class OrthancDevices:
    """Orthanc's native API, where no DICOMweb archive has the like."""

    def __init__(self, archive: OrthancArchive) -> None:
        self._archive = archive

    def modalities(self) -> dict[str, Entry]:
        """Every modality that the archive knows, by its symbolic name (we write the AE title)."""
        with readable():
            found = self._archive.client.native("GET", "/modalities?expand")
            return {str(name): dict(entry) for name, entry in found.items()}

    def put_modality(self, name: str, entry: Entry) -> None:
        self._archive.client.http.request("PUT", self._url(f"/modalities/{_name(name)}"), json=dict(entry))

    def delete_modality(self, name: str) -> None:
        """Idempotent."""
        try:
            self._archive.client.http.request("DELETE", self._url(f"/modalities/{_name(name)}"))
        except NotInArchive:
            return

    def now(self) -> Moment:
        with readable():
            clock = self._archive.client.native_bytes("/tools/now").decode("ascii").strip()
            return Moment(clock, int(self._archive.client.native("GET", "/changes?last")["Last"]))

    def arrived(self, ae_title: str, since: int) -> tuple[Arrival | None, int]:
        """The next object of an AE title after a place of the change feed, and how far was looked."""
        looked, position = 0, since
        for change in self._feed(since):
            if change.kind == "NewInstance":
                looked += 1
                if self._metadata(change.archive_id, "RemoteAET") == ae_title:
                    return self.arrival(change.archive_id), change.seq
            position = change.seq
            if looked >= LOOKED_AT_ONCE:
                break
        return None, position

    def arrival(self, instance_id: str) -> Arrival:
        with readable():
            study = self._archive.client.native("GET", f"/instances/{_id(instance_id)}/study")
            return Arrival(instance_id, _id(str(study["ID"])), self._metadata(instance_id, "ReceptionDate"))

    def sent_by(self, arrival: Arrival, ae_title: str) -> bool:
        return self._metadata(arrival.instance_id, "RemoteAET") == ae_title

    def study(self, study_id: str) -> StudyRow | None:
        return self._archive.study_by_archive_id(study_id)

    def is_new(self, study_id: str, since: int) -> bool:
        """Whether the archive first heard of the study after this place of its change feed."""
        return any(change.kind == "NewStudy" and change.archive_id == study_id for change in self._feed(since))

    def instances_of(self, study_id: str) -> list[tuple[Arrival, str]]:
        """Every object of a study with the AE title that sent it."""
        with readable():
            found = self._archive.client.native("GET", f"/studies/{_id(study_id)}/instances")
            ids = [_id(str(one["ID"])) for one in found]
        return [
            (Arrival(one, study_id, self._metadata(one, "ReceptionDate")), self._metadata(one, "RemoteAET"))
            for one in ids
        ]

    def tags(self, instance_id: str) -> list[Tag]:
        """The elements at the top of the dataset, in order."""
        with readable():
            found: dict[str, Any] = self._archive.client.native("GET", f"/instances/{_id(instance_id)}/tags")
            flat = ((tag, one) for tag, one in sorted(found.items()) if one["Type"] == "String")
            rows = [Tag(f"({tag})", str(one["Name"]), str(one["Value"]).strip(" \0")[:200]) for tag, one in flat]
        return rows[:TAGS_MAX]

    def transfer_syntax(self, instance_id: str) -> str:
        return self._metadata(instance_id, "TransferSyntax")

    def picture(self, instance_id: str) -> bytes:
        """A PNG of the first frame; NotInArchive when there is none, or when the object is no image."""
        path = f"/instances/{_id(instance_id)}/preview"
        answer = self._archive.client.http.request("GET", self._url(path), headers={"Accept": "image/png"})
        if not answer.content.startswith(PNG):
            raise NotInArchive("The archive has no picture of this object.")
        return answer.content

    def delete_instances(self, instance_ids: Iterable[str]) -> None:
        """Each by its own name: what arrived in the same study meanwhile stays. Idempotent."""
        for instance_id in instance_ids:
            try:
                self._archive.client.http.request("DELETE", self._url(f"/instances/{_id(instance_id)}"))
            except NotInArchive:
                continue

    def _feed(self, since: int) -> Iterable[Any]:
        position = since
        for _ in range(PAGES_AT_ONCE):
            page = self._archive.changes(position, FEED_PAGE)
            yield from page.changes
            if page.done or page.last == position:
                return
            position = page.last

    def _metadata(self, instance_id: str, name: str) -> str:
        """ "" where the archive has none: an object that came over HTTP has no RemoteAET."""
        try:
            found = self._archive.client.native_bytes(f"/instances/{_id(instance_id)}/metadata/{name}")
        except NotInArchive:
            return ""
        return found.decode("ascii", "replace").strip()

    def _url(self, path: str) -> str:
        return self._archive.client.base + path


def get_devices() -> OrthancDevices:
    """NotSupported where the archive is not an Orthanc."""
    archive = get_archive(patience=PATIENCE)
    if settings.ARCHIVE_KIND != "orthanc" or not isinstance(archive, OrthancArchive):
        raise NotSupported("Only an Orthanc keeps a list of devices that the RIS can write.")
    return OrthancDevices(archive)


def _id(value: str) -> str:
    if not ARCHIVE_ID.fullmatch(value):
        raise InvalidKey("This is not a name that Orthanc gives.")
    return value


def _name(value: str) -> str:
    if not MODALITY_NAME.fullmatch(value):
        raise InvalidKey("This is not a name that Orthanc takes for a modality.")
    return value
