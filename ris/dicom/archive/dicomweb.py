"""Any DICOMweb archive (PS3.18): QIDO-RS, WADO-RS, STOW-RS."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Any

from ris.dicom.archive import keys
from ris.dicom.archive.client import ArchiveClient
from ris.dicom.archive.errors import ArchiveError, InvalidKey, NotInArchive, NotSupported
from ris.dicom.archive.part10 import file_meta
from ris.dicom.archive.protocol import ArchiveStatus, ChangePage, StoreResult, StudyQuery
from ris.dicom.archive.stow import read_response
from ris.dicom.archive.transport import Access
from ris.dicom.datasets import (
    INSTANCE_FIELDS,
    SERIES_FIELDS,
    STUDY_FIELDS,
    InstanceRef,
    InstanceRow,
    Json,
    SeriesRow,
    StudyRow,
    Window,
    instance_ref,
    instance_row,
    series_row,
    study_row,
    text,
)

log = logging.getLogger(__name__)

PAGE = 500
PAGES_MOST = 40
NOBODY = "2.25.0"


class DicomwebArchive:
    """The Archive protocol over plain DICOMweb; see `ris.dicom.archive.protocol.Archive` for the contract."""

    def __init__(self, access: Access) -> None:
        self._access = access
        self._mine = threading.local()

    @property
    def client(self) -> ArchiveClient:
        """This thread's client; a forked process must not share its parent's sockets."""
        if getattr(self._mine, "pid", None) != os.getpid():
            self._mine.client, self._mine.pid = ArchiveClient(self._access), os.getpid()
        return self._mine.client

    def find_studies(self, query: StudyQuery) -> list[StudyRow]:
        filters = query.filters()
        with readable():
            found = self.client.search_for_studies(limit=query.limit, fields=STUDY_FIELDS, search_filters=filters)
            rows = [study_row(item) for item in found]
        matching = [row for row in rows if query.matches(row)]
        if len(matching) < len(rows):
            log.warning("the archive returned %d studies that were not asked for", len(rows) - len(matching))
        return matching[: query.limit]

    def studies_of(self, first: date, last: date) -> list[StudyRow]:
        query, found = StudyQuery(study_date=(first, last), limit=PAGE), []
        with readable():
            for page in range(PAGES_MOST):
                items = self.client.search_for_studies(
                    limit=PAGE, offset=page * PAGE, fields=STUDY_FIELDS, search_filters=query.filters()
                )
                rows = [study_row(item) for item in items]
                matching = [row for row in rows if query.matches(row)]
                found += matching
                if len(items) < PAGE:
                    break
                if not matching:  # it does not search by day: its whole contents would follow
                    log.warning("the archive returned studies of other days than were asked for")
                    break
        return found

    def study(self, study_uid: str) -> StudyRow | None:
        rows = self.find_studies(StudyQuery(study_instance_uid=study_uid, limit=2))
        if len(rows) > 1:
            raise ArchiveError(
                "Two patients share this study at the archive; it must be put right there.", permanent=True
            )
        return rows[0] if rows else None

    def series(self, study_uid: str) -> list[SeriesRow]:
        study = keys.uid_key(study_uid)
        with readable():
            found = _pages(lambda at: self.client.search_for_series(study, limit=PAGE, offset=at, fields=SERIES_FIELDS))
            rows = [series_row(item) for item in found]
        return [row for row in rows if row.study_instance_uid == study]

    def instances(self, study_uid: str, series_uid: str) -> list[InstanceRow]:
        place = (keys.uid_key(study_uid), keys.uid_key(series_uid))
        with readable():
            found = _pages(
                lambda at: self.client.search_for_instances(*place, limit=PAGE, offset=at, fields=INSTANCE_FIELDS)
            )
            rows = [instance_row(item) for item in found]
        return [row for row in rows if (row.ref.study_instance_uid, row.ref.series_instance_uid) == place]

    def metadata(self, study_uid: str, series_uid: str = "") -> list[dict[str, Any]]:
        study = keys.uid_key(study_uid)
        with readable():
            if series_uid:
                found = self.client.retrieve_series_metadata(study, keys.uid_key(series_uid))
            else:
                found = self.client.retrieve_study_metadata(study)
            wanted = [item for item in found if text(item, "0020000D") == study]
        return [item for item in wanted if not series_uid or text(item, "0020000E") == series_uid]

    def instance_metadata(self, ref: InstanceRef) -> dict[str, Any]:
        guarded(ref)
        with readable():
            found = self.client.retrieve_instance_metadata(
                ref.study_instance_uid, ref.series_instance_uid, ref.sop_instance_uid
            )
            if instance_ref(found) == ref:
                return found
        raise NotInArchive

    def retrieve(self, ref: InstanceRef) -> bytes:
        guarded(ref)
        with readable():
            return self.client.part10(ref)

    def rendered(self, ref: InstanceRef, frame: int = 1, window: Window | None = None) -> bytes:
        guarded(ref)
        with readable():
            return self.client.rendered(ref, int(frame), window)

    def locate(self, sop_uid: str) -> InstanceRef | None:
        wanted = {"SOPInstanceUID": keys.uid_key(sop_uid)}
        with readable():
            found = self.client.search_for_instances(limit=2, search_filters=wanted)
            return the_only([ref for ref in map(instance_ref, found) if ref.sop_instance_uid == sop_uid])

    def store(self, parts: Sequence[bytes]) -> StoreResult:
        sent = [file_meta(part).sop_instance_uid for part in parts]
        if not sent or not all(sent):
            raise InvalidKey("Only DICOM files that name their SOP Instance UID can be stored.")
        with readable():
            return read_response(self.client.store_part10(parts), sent)

    def changes(self, since: int, limit: int = 100) -> ChangePage:
        raise NotSupported("A DICOMweb archive has no change feed.")

    def study_by_archive_id(self, archive_id: str) -> StudyRow | None:
        raise NotSupported("A DICOMweb archive names studies by their UID only.")

    def ping(self) -> ArchiveStatus:
        with readable():
            self.client.search_for_studies(limit=1, search_filters={"StudyInstanceUID": NOBODY})
        return ArchiveStatus("DICOMweb")


@contextmanager
def readable() -> Iterator[None]:
    """Whatever nonsense an archive answers becomes an ArchiveError."""
    try:
        yield
    except (ArchiveError, InvalidKey):
        raise
    except (ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
        raise ArchiveError("The archive's answer cannot be understood.", permanent=False) from error


def guarded(ref: InstanceRef) -> None:
    for value in (ref.study_instance_uid, ref.series_instance_uid, ref.sop_instance_uid):
        keys.uid_key(value)


def the_only(found: list[InstanceRef]) -> InstanceRef | None:
    """The one place of an object, or None; a UID used twice is an ArchiveError."""
    if len(set(found)) > 1:
        raise ArchiveError("Two objects of the archive share this UID; it must be put right there.", permanent=True)
    return found[0] if found else None


def _pages(ask: Callable[[int], list[Json]]) -> list[Json]:
    """All rows of a search whose answer comes in pages."""
    found: list[Json] = []
    while page := ask(len(found)):
        found += page
        if len(page) < PAGE:
            break
    return found
