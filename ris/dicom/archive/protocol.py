"""What the RIS asks of an archive, and in which shapes the answers come."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Protocol

from ris.dicom.archive import keys
from ris.dicom.archive.errors import InvalidKey
from ris.dicom.datasets import InstanceRef, InstanceRow, SeriesRow, StudyRow, Window


@dataclass(frozen=True, slots=True)
class StudyQuery:
    """A search for studies: at least one key, each matching exactly (never by wildcard); `study_date` is inclusive."""

    accession_number: str = ""
    study_instance_uid: str = ""
    patient_id: str = ""
    study_date: tuple[date, date] | None = None
    limit: int = 50

    def filters(self) -> dict[str, str]:
        """DICOM keyword to value, every value guarded; InvalidKey when one is unsafe or none is given."""
        found = {}
        if self.accession_number:
            found["AccessionNumber"] = keys.text_key(self.accession_number)
        if self.study_instance_uid:
            found["StudyInstanceUID"] = keys.uid_key(self.study_instance_uid)
        if self.patient_id:
            found["PatientID"] = keys.text_key(self.patient_id)
        if self.study_date:
            found["StudyDate"] = keys.date_range_key(*self.study_date)
        if not found:
            raise InvalidKey("A search of the archive needs an accession number, a UID, a patient ID or a date.")
        keys.limit(self.limit)
        return found

    def matches(self, row: StudyRow) -> bool:
        """Whether a row is what was asked for: an archive's own filter is never trusted."""
        wanted = (
            (self.accession_number, row.accession_number),
            (self.study_instance_uid, row.study_instance_uid),
            (self.patient_id, row.patient_id),
        )
        if any(asked and asked != got for asked, got in wanted):
            return False
        if self.study_date is None:
            return True
        return row.study_date is not None and self.study_date[0] <= row.study_date <= self.study_date[1]


@dataclass(frozen=True, slots=True)
class StoreResult:
    """What a STOW did: SOP Instance UIDs that the archive acknowledged, and why it did not take the others."""

    stored: frozenset[str]
    failed: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Change:
    """One entry of the archive's change feed; `level` is Patient, Study, Series or Instance."""

    seq: int
    kind: str
    level: str
    archive_id: str


@dataclass(frozen=True, slots=True)
class ChangePage:
    """Changes after a cursor; ask again from `last` until `done`."""

    changes: tuple[Change, ...]
    last: int
    done: bool


@dataclass(frozen=True, slots=True)
class ArchiveStatus:
    """Who answered; `version` is "" when the archive does not tell."""

    name: str
    version: str = ""


class Archive(Protocol):
    """The image archive. Calls are blocking (3 s to connect, 30 s to answer) and safe from any thread.

    Every method raises ArchiveError when the archive fails, NotInArchive when it lacks what was named, and InvalidKey
    (before anything is sent) when a value could widen a search.
    """

    def find_studies(self, query: StudyQuery) -> list[StudyRow]:
        """Studies that match, matched again here; at most `query.limit`."""

    def studies_of(self, first: date, last: date) -> list[StudyRow]:
        """The studies of some days, the last included, matched again here; page by page, 20,000 at most."""

    def study(self, study_uid: str) -> StudyRow | None:
        """One study with its archive id and sender, or None; ArchiveError when two patients share the UID."""

    def series(self, study_uid: str) -> list[SeriesRow]:
        """All series of a study; [] when there is none."""

    def instances(self, study_uid: str, series_uid: str) -> list[InstanceRow]:
        """All objects of a series; [] when there is none."""

    def metadata(self, study_uid: str, series_uid: str = "") -> list[dict[str, Any]]:
        """DICOM JSON without bulk data of each object of the study (or of one series)."""

    def instance_metadata(self, ref: InstanceRef) -> dict[str, Any]:
        """DICOM JSON without bulk data of one object."""

    def retrieve(self, ref: InstanceRef) -> bytes:
        """One object as a Part 10 file, as it was stored."""

    def rendered(self, ref: InstanceRef, frame: int = 1, window: Window | None = None) -> bytes:
        """A JPEG of one frame, in this window or in the archive's own: foreign bytes, for the sandbox only."""

    def locate(self, sop_uid: str) -> InstanceRef | None:
        """Where an object lives, or None; ArchiveError when the UID is used twice."""

    def store(self, parts: Sequence[bytes]) -> StoreResult:
        """STOW Part 10 files. Only `stored` counts: see also `store_verified`."""

    def changes(self, since: int, limit: int = 100) -> ChangePage:
        """The change feed after `since`; NotSupported where the archive has none.

        `last` before `since` says that the feed ends earlier now: the archive was restored, or its newest were deleted.
        """

    def study_by_archive_id(self, archive_id: str) -> StudyRow | None:
        """The study that the archive's webhook or change feed named; NotSupported where there is no such name."""

    def ping(self) -> ArchiveStatus:
        """Whether it answers, and who it is."""
