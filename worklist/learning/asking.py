"""An archive without a change feed is asked by QIDO: for the studies of these days, and for exams that miss theirs.

What that costs grows with the exams of a day, never with the archive.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import timedelta
from typing import Final

from django.utils import timezone

from ris.core.identifiers import is_accession
from ris.dicom.archive import Archive, ArchiveError, StudyQuery
from ris.dicom.datasets import StudyRow
from ris.orders.models import RequestedProcedure
from worklist.actions.notices import notice_study
from worklist.learning.place import MATCHER, Take, keep, place_of
from worklist.lifecycle import STUDY
from worklist.models import Study

log = logging.getLogger(__name__)

NAME: Final = "qido"
AROUND: Final = timedelta(days=1)
"""Devices write the day by clocks of their own, in zones of their own."""

MISSING_FOR: Final = timedelta(days=7)
AT_ONCE: Final = 25


def ask_archive(archive: Archive, take: Take) -> None:
    """Take what is new or has changed among the studies of these days, then look for those that begun exams miss."""
    today = timezone.now().date()
    for row in _changed(archive.studies_of(today - AROUND, today + AROUND)):
        _take_one(archive, row, take)
    cursor = place_of(NAME)
    missing = _missing(cursor.position)
    for requested in missing:
        for row in _changed(_of_exam(archive, requested)):
            _take_one(archive, row, take)
    keep(cursor, missing[-1].pk if len(missing) == AT_ONCE else 0)


def _changed(rows: Iterable[StudyRow]) -> list[StudyRow]:
    """Those that are unknown, say something else than what is known, or whose series were never read."""
    found = {row.study_instance_uid: row for row in rows}
    known = {study.study_instance_uid: study for study in Study.objects.filter(study_instance_uid__in=list(found))}
    unread = Study.objects.filter(pk__in=[study.pk for study in known.values()], received_series__isnull=True)
    again = set(unread.filter(state__in=STUDY.groups["readable"]).values_list("study_instance_uid", flat=True))
    return [row for uid, row in found.items() if uid not in known or uid in again or _says_more(row, known[uid])]


def _says_more(row: StudyRow, study: Study) -> bool:
    told = (row.patient_id[:64], row.issuer_of_patient_id[:64], row.patient_name[:200], row.birth_date,
            row.accession_number[:16], row.instance_count, row.series_count)  # fmt: skip
    known = (study.patient_id_text, study.issuer_of_patient_id, study.patient_name, study.birth_date,
             study.accession_number, study.instance_count, study.series_count)  # fmt: skip
    return told != known


def _missing(after: int) -> list[RequestedProcedure]:
    """Exams that have begun in the last days and have no study yet, in turns."""
    begun = RequestedProcedure.objects.filter(steps__started_at__gte=timezone.now() - MISSING_FOR, pk__gt=after)
    return list(begun.exclude(study_links__active=True).distinct().order_by("pk")[:AT_ONCE])


def _of_exam(archive: Archive, requested: RequestedProcedure) -> list[StudyRow]:
    rows = archive.find_studies(StudyQuery(study_instance_uid=requested.study_instance_uid))
    if not rows and is_accession(requested.accession_number):
        rows = archive.find_studies(StudyQuery(accession_number=requested.accession_number))
    return rows


def _take_one(archive: Archive, row: StudyRow, take: Take) -> None:
    try:
        take(archive, row)
    except ArchiveError as error:
        if not error.permanent:
            raise
        log.error("study of the archive was not taken: %s", type(error).__name__)
        notice_study(by=MATCHER, study_uid=row.study_instance_uid)
