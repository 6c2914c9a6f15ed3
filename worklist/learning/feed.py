"""The change feed of an Orthanc, read from a durable place on: nothing is lost, nothing is taken twice."""

from __future__ import annotations

import logging
from typing import Final

from django.db import OperationalError

from ris.dicom.archive import Archive, ArchiveError
from worklist.actions.notices import notice_study
from worklist.learning.place import MATCHER, Take, keep, place_of

log = logging.getLogger(__name__)

PAGE: Final = 500
AGAIN: Final = 1000
"""Changes, about six a study: what may have come to a restored archive before we asked it."""

NAME: Final = "archive"


def read_feed(archive: Archive, take: Take) -> None:
    """Take every study that changed since the last time; each page is done before its place is kept.

    A feed that ends before our place was restored from an older copy, or its newest studies were deleted: it is read
    again from a little before its end, which changes nothing that is known.
    """
    cursor = place_of(NAME)
    done = False
    while not done:
        page = archive.changes(since=cursor.position, limit=PAGE)
        if page.last < cursor.position:
            log.warning("the archive's change feed ends at %d, before %d", page.last, cursor.position)
            keep(cursor, max(0, page.last - AGAIN))
            continue
        ids = dict.fromkeys(change.archive_id for change in page.changes if change.level == "Study")
        _take_each(archive, list(ids), take)
        done = page.done or page.last == cursor.position
        keep(cursor, page.last)


def _take_each(archive: Archive, archive_ids: list[str], take: Take) -> None:
    """One that cannot be taken becomes an event of its own and holds up none of the others.

    An archive that answers nothing at all is left for later; the place in the feed stays where it is.
    """
    for archive_id in archive_ids:
        try:
            row = archive.study_by_archive_id(archive_id)
            if row is not None:
                take(archive, row)
        except OperationalError:
            raise
        except Exception as error:  # noqa: BLE001  tried again, parked in the end, and seen on the deliveries page
            if isinstance(error, ArchiveError):
                archive.ping()  # raises when it is away
            log.error("study %s of the change feed was not taken: %s", archive_id, type(error).__name__)
            notice_study(by=MATCHER, archive_id=archive_id)
