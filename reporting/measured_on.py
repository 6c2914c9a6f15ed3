"""The images that an SR was measured on, as the archive describes them: a few requests, however large the study is."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from ris.dicom.archive import Archive, InvalidKey
from ris.dicom.archive.errors import NotInArchive
from ris.dicom.datasets import InstanceRef

FEW = 24
"""Images asked for one by one; beyond them the whole study is cheaper."""


def images_of(archive: Archive, study_uid: str, reading: dict[str, Any]) -> list[dict[str, Any]]:
    """DICOM JSON of every image that the reading names, and of the series that its points in the patient may lie on.

    An image that the archive does not have is left out: what was measured on it cannot be checked. Raises ArchiveError.
    """
    named = _named(reading)
    if len(named) > FEW:
        return archive.metadata(study_uid)
    found = [row for sop_uid, series_uid in named.items() if (row := _image(archive, study_uid, series_uid, sop_uid))]
    for series_uid in _series_of_patient(reading):
        with suppress(InvalidKey, NotInArchive):
            found += archive.metadata(study_uid, series_uid)
    return found


def _named(reading: dict[str, Any]) -> dict[str, str]:
    """SOP Instance UID -> Series Instance UID, "" where the object does not say."""
    found: dict[str, str] = {}
    for group in reading.get("groups", []):
        found[group.get("referenced_sop_instance_uid") or ""] = group.get("referenced_series_instance_uid") or ""
        found |= {drawn["sop_instance_uid"]: drawn["series_instance_uid"] for drawn in group.get("geometry", [])}
    found.pop("", None)
    return found


def _series_of_patient(reading: dict[str, Any]) -> list[str]:
    """Where to look for the slice of points in the patient that name no image: the evidence."""
    drawn = [drawing for group in reading.get("groups", []) for drawing in group.get("geometry", [])]
    unplaced = any(drawing["space"] == "patient" and not drawing["sop_instance_uid"] for drawing in drawn)
    return list(reading.get("series", [])) if unplaced else []


def _image(archive: Archive, study_uid: str, series_uid: str, sop_uid: str) -> dict[str, Any] | None:
    """None also for what is no UID: the object is a stranger's."""
    with suppress(InvalidKey, NotInArchive):
        where = InstanceRef(study_uid, series_uid, sop_uid) if series_uid else archive.locate(sop_uid)
        if where is not None and where.study_instance_uid == study_uid:
            return archive.instance_metadata(where)
    return None
