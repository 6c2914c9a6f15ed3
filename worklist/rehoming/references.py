"""Which objects of a study speak of which of its series: seen before some of them go to another patient."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from ris.core.texts import said_once
from ris.dicom.archive import Archive, get_archive
from ris.dicom.archive.objects import Held, get_objects
from ris.dicom.datasets import SERIES_INSTANCE_UID, SOP_INSTANCE_UID, text

REFERRING: Final = frozenset({"SR", "KO", "PR", "SEG", "REG", "RTSTRUCT", "RTPLAN", "RTDOSE"})
REFERENCED_SOP: Final = "00081155"


@dataclass(frozen=True, slots=True)
class Seen:
    """`left` stay and speak of what goes: series, object and what it is called. `away` go and speak of what stays."""

    left: tuple[Mapping[str, str], ...] = ()
    away: tuple[str, ...] = ()


def look(archive: Archive, study_uid: str, chosen: Collection[str], held: Collection[Held]) -> Seen:
    """The objects beside the images, each read once. Raises ArchiveError."""
    place = {one.sop_uid: one.series_uid for one in held}
    left: list[Mapping[str, str]] = []
    away: list[str] = []
    for row in archive.series(study_uid):
        if row.modality not in REFERRING:
            continue
        own, goes = row.series_instance_uid, row.series_instance_uid in chosen
        called = said_once(row.modality, row.description)
        for dataset in archive.metadata(study_uid, own):
            spoken_of = _series_of(dataset, place) - {own}
            if goes and spoken_of.difference(chosen):
                away.append(called)
            elif not goes and spoken_of.intersection(chosen):
                left.append({"series": own, "sop": text(dataset, SOP_INSTANCE_UID), "called": called})
    return Seen(tuple(left), tuple(dict.fromkeys(away)))


def look_at_study(study_uid: str, chosen: Collection[str]) -> Seen:
    """The same for a person who is about to choose. Raises ArchiveError."""
    objects = get_objects()
    held = [one for study in objects.studies(study_uid) for one in objects.held(study.archive_id)]
    return look(get_archive(), study_uid, chosen, held)


def _series_of(dataset: Mapping[str, Any], place: Mapping[str, str]) -> set[str]:
    """Series of this study that are named anywhere inside the object's sequences, or whose objects are."""
    named = set(_uids(dataset, nested=False))
    return {place[uid] for uid in named if uid in place} | named.intersection(place.values())


def _uids(dataset: Mapping[str, Any], *, nested: bool) -> Iterator[str]:
    for tag, element in dataset.items():
        values = element.get("Value") if isinstance(element, Mapping) else None
        for value in values if isinstance(values, list) else []:
            if isinstance(value, Mapping):
                yield from _uids(value, nested=True)
            elif nested and tag in (REFERENCED_SOP, SERIES_INSTANCE_UID):
                yield str(value)
