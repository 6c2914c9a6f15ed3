"""Learning of studies: by webhook, by the change feed, by QIDO. Any one suffices; together they are idempotent."""

from __future__ import annotations

import logging
from datetime import timedelta

from django.db import OperationalError, transaction
from django.utils import timezone

from ris.core.actors import SystemActor
from ris.core.identifiers import is_accession
from ris.dicom.archive import Archive, StudyQuery, get_archive
from ris.dicom.archive.errors import ArchiveError, NotSupported
from ris.dicom.datasets import StudyRow
from ris.events.errors import DeliveryError
from ris.events.models import Event
from worklist.actions.notices import notice_study
from worklist.actions.sides import look_at
from worklist.actions.studies import NO_IMAGES, note_study
from worklist.lifecycle import STUDY
from worklist.models import ChangeCursor, Study

log = logging.getLogger(__name__)

MATCHER = SystemActor("matcher")
PAGE = 500
LATE = timedelta(seconds=25)


def match_noticed(event: Event) -> None:
    """An event `study.noticed` names a study by the archive's id or by its UID: ask the archive, match, link."""
    archive = get_archive()
    try:
        row = _row_of(archive, event)
        for found in _siblings(archive, row) if row else []:
            _take(archive, found)
    except ArchiveError as error:
        raise DeliveryError(str(error), permanent=error.permanent) from error


def look_at_sides(event: Event) -> None:
    """A person linked a study: its sides are compared with its new order's."""
    study = Study.objects.get(pk=event.target_id)
    if event.actor_kind == MATCHER.kind or not STUDY.within(study, "readable"):
        return
    try:
        look_at(get_archive(), study, by=MATCHER)
    except ArchiveError as error:
        raise DeliveryError(str(error), permanent=error.permanent) from error


def _take(archive: Archive, row: StudyRow) -> None:
    """Match one study; of one that is linked the series too, so that its side is compared with the order's."""
    study = note_study(row, by=MATCHER, images=_images_if_more(archive, row))
    if STUDY.within(study, "readable"):
        look_at(archive, study, by=MATCHER)


def _images_if_more(archive: Archive, row: StudyRow) -> int | None:
    """How many of its objects are images, asked only of a study that grew: what a reader stores is none."""
    known = Study.objects.filter(study_instance_uid=row.study_instance_uid, instance_count__lt=row.instance_count)
    if not known.filter(received_series__isnull=False).exists():
        return None
    return sum(one.instance_count for one in archive.series(row.study_instance_uid) if one.modality not in NO_IMAGES)


def _row_of(archive: Archive, event: Event) -> StudyRow | None:
    if uid := event.payload.get("study_uid"):
        return archive.study(uid)
    return archive.study_by_archive_id(event.payload["archive_id"])


def _siblings(archive: Archive, row: StudyRow) -> list[StudyRow]:
    """By QIDO: every study of the same accession number, so that none is forgotten."""
    if not is_accession(row.accession_number):
        return [row]
    found = archive.find_studies(StudyQuery(accession_number=row.accession_number))
    others = [item for item in found if item.study_instance_uid != row.study_instance_uid]
    return [row, *others]


def poll_if_late() -> None:
    """The timer's turn: poll only when no worker did so lately."""
    cursor = ChangeCursor.objects.filter(name="archive").first()
    if cursor is None or cursor.polled_at is None or cursor.polled_at < timezone.now() - LATE:
        poll()


def poll() -> None:
    """Read the archive's change feed from the durable cursor on; the safety net under the webhook."""
    archive = get_archive()
    cursor, _ = ChangeCursor.objects.get_or_create(name="archive")
    try:
        done = False
        while not done:
            page = archive.changes(since=cursor.position, limit=PAGE)
            ids = dict.fromkeys(c.archive_id for c in page.changes if c.level == "Study")
            _note(archive, list(ids))
            done = page.done or page.last == cursor.position
            _advance(cursor, page.last)
    except NotSupported:
        _advance(cursor, cursor.position)
    except ArchiveError:
        return


def _note(archive: Archive, archive_ids: list[str]) -> None:
    """Take each study; one that cannot be taken becomes an event of its own and holds up none of the others."""
    for archive_id in archive_ids:
        try:
            row = archive.study_by_archive_id(archive_id)
            if row is not None:
                _take(archive, row)
        except (ArchiveError, OperationalError):
            raise
        except Exception as error:  # noqa: BLE001  tried again, parked in the end, and seen on the deliveries page
            log.error("study %s of the change feed was not taken: %s", archive_id, type(error).__name__)
            notice_study(by=MATCHER, archive_id=archive_id)


@transaction.atomic
def _advance(cursor: ChangeCursor, position: int) -> None:
    cursor.position, cursor.polled_at = max(cursor.position, position), timezone.now()
    cursor.save(update_fields=["position", "polled_at"])
