"""A report of several studies stands in each: the copies beside the first document, planned, made once, read back."""

from __future__ import annotations

import hashlib

from django.utils import timezone

from reporting.actions.filing import Spot, document, note, rejected_by, source_of
from reporting.copies.record import FurtherCopy
from reporting.models import Publication, ReportVersion
from reporting.publish.uids import NOTE, document_place
from ris.dicom.archive import Archive, store_verified


def plan_copies(publication: Publication) -> None:
    """Part of a signature: a row for each study that the version belongs to beside its first one.

    A withdrawal goes wherever the report has a document; anything else into the studies that are the case's now.
    """
    version = publication.version
    for study_uid in sorted(_studies(version) - {version.study_instance_uid}):
        place = document_place(version.report_id, version.number, version.kind, study_uid)
        FurtherCopy.objects.create(
            publication=publication,
            study_instance_uid=study_uid,
            sop_instance_uid=place.sop_uid,
            series_instance_uid=place.series_uid,
        )


def _studies(version: ReportVersion) -> set[str]:
    if version.kind != NOTE:
        return set(version.report.task.studies().values_list("study_instance_uid", flat=True))
    earlier = ReportVersion.objects.filter(report=version.report_id, number__lt=version.number)
    copies = FurtherCopy.objects.filter(publication__version__in=earlier)
    return {*earlier.values_list("study_instance_uid", flat=True), *copies.values_list("study_instance_uid", flat=True)}


def store_copies(archive: Archive, version: ReportVersion, publication: Publication, *, only_begun: bool) -> None:
    """Make sure that each copy stands in its study; `only_begun`: of a withdrawn report, what is there already counts
    and nothing more is sent. A study that is not the case's any more gets none.

    Raises ArchiveError, TransitionError. Safe to repeat.
    """
    for copy in publication.copies.filter(stored_at=None):
        body = bytes(copy.body or b"")
        if only_begun and not (body and archive.locate(copy.sop_instance_uid)):
            continue
        body = body or _kept(copy, _made(archive, version, copy))
        if body:
            store_verified(archive, body)
            FurtherCopy.objects.filter(pk=copy.pk, stored_at=None).update(stored_at=timezone.now())


def _made(archive: Archive, version: ReportVersion, copy: FurtherCopy) -> bytes:
    """b"" where nothing is to be filed."""
    spot = Spot.further(copy)
    if version.kind == NOTE:
        rejected = [one for one in rejected_by(version) if one.study_instance_uid == spot.study_uid]
        return note(version, spot, source_of(archive, version, spot.study_uid), rejected) if rejected else b""
    of_the_case = version.report.task.studies().filter(study_instance_uid=spot.study_uid)
    return document(archive, version, spot) if of_the_case.exists() else b""


def _kept(copy: FurtherCopy, body: bytes) -> bytes:
    """On record before it is sent; what another worker kept first counts."""
    if body:
        sha256 = hashlib.sha256(body).hexdigest()
        FurtherCopy.objects.filter(pk=copy.pk, body=None).update(body=body, sha256=sha256)
        copy.refresh_from_db(fields=["body"])
    return bytes(copy.body or b"")
