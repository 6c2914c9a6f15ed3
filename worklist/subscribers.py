"""Learning of studies: by webhook, by the change feed, by QIDO. Any one suffices; together they are idempotent."""

from __future__ import annotations

import logging
from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from ris.core.actors import SystemActor
from ris.core.identifiers import is_accession
from ris.dicom.archive import Archive, StudyQuery, get_archive
from ris.dicom.archive.errors import ArchiveError, NotSupported
from ris.dicom.datasets import StudyRow
from ris.events.errors import DeliveryError
from ris.events.models import Event
from worklist.actions.sides import look_at
from worklist.actions.studies import NO_IMAGES, note_study
from worklist.learning.asking import ask_archive
from worklist.learning.feed import read_feed
from worklist.lifecycle import STUDY
from worklist.models import ChangeCursor, Study
from worklist.rehoming.actions import is_moving
from worklist.rehoming.following import follow_late
from worklist.rehoming.parting import follow_series
from worklist.rehoming.rows import Rehoming

log = logging.getLogger(__name__)

MATCHER = SystemActor("matcher")
LATE = timedelta(seconds=25)


def match_noticed(event: Event) -> None:
    """An event `study.noticed` names a study by the archive's id or by its UID: ask the archive, match, link."""
    archive = get_archive()
    if is_moving(event.payload.get("study_uid", "")):
        return  # told again when it is at its new place
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
    if is_moving(row.study_instance_uid) or follow_late(row) or _follow_series(archive, row.study_instance_uid):
        return
    study = note_study(row, by=MATCHER, images=_images_if_more(archive, row))
    if STUDY.within(study, "readable"):
        look_at(archive, study, by=MATCHER)


def _follow_series(archive: Archive, study_uid: str) -> bool:
    """The archive is asked only of a study that gave series away."""
    if not Rehoming.objects.of_series().filter(study__study_instance_uid=study_uid).exists():
        return False
    return follow_series(study_uid, {one.series_instance_uid for one in archive.series(study_uid)})


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
    """The timer's turn: poll only when no worker did so lately. A clock that was set back holds nothing up."""
    now = timezone.now()
    polled = ChangeCursor.objects.filter(polled_at__gte=now - LATE, polled_at__lte=now)
    if not polled.exists():
        poll()


def poll() -> None:
    """Learn by oneself what nobody told of: the safety net under the webhook. ARCHIVE_POLLING says how."""
    archive = get_archive()
    try:
        if settings.ARCHIVE_POLLING != "qido":
            read_feed(archive, _take)
            return
    except NotSupported:
        if settings.ARCHIVE_POLLING == "changes":
            log.error("this archive has no change feed: set ARCHIVE_POLLING to qido")
            return
    except ArchiveError as error:
        log.info("the archive could not be asked for its changes: %s", type(error).__name__)
        return
    _ask(archive)


def _ask(archive: Archive) -> None:
    try:
        ask_archive(archive, _take)
    except ArchiveError as error:
        log.info("the archive could not be asked for its studies: %s", type(error).__name__)
