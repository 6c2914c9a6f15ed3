"""The signed report's way into the archive: Encapsulated PDF in the same study, exactly once, read back."""

from __future__ import annotations

import hashlib
from typing import Any

from django.db import transaction
from django.utils import timezone

from reporting.actions.copying import store_copies
from reporting.actions.filing import Spot, document, note, rejected_by, source_of
from reporting.lifecycle import ARCHIVING, REPORT
from reporting.models import Artifact, Publication, Report, ReportVersion
from reporting.permissions import require_system
from ris import audit
from ris.core.actors import Actor
from ris.dicom.archive import Archive, get_archive, store_verified
from ris.dicom.archive.errors import ArchiveError
from ris.events import emit


def publish_version(version: ReportVersion, *, by: Actor) -> Publication:
    """Make sure that the archive holds this version's PDF in each of its studies; ask, send, read back, mark.

    Safe to repeat: the object is made once, its UID is its own, and the archive is asked before anything is sent.
    A withdrawn report is sent no more; what has got there all the same is rejected by the note that follows it.
    Raises ArchiveError, TransitionError when the study is not this patient's any more.
    """
    require_system(by, "report.publish")
    publication = Publication.objects.get(version=version)
    if ARCHIVING.within(publication, "settled"):
        return publication
    archive = get_archive()
    report = Report.objects.get(pk=version.report_id)  # as it is by now
    is_withdrawn = REPORT.within(report, "withdrawn")
    if is_withdrawn and not _must_go(archive, version, publication, by=by):
        return withhold(publication, by=by)
    store_verified(archive, bytes(_object(archive, version, publication).body))
    store_copies(archive, version, publication, only_begun=is_withdrawn and version.kind != "withdrawal")
    return _confirm(publication, version, by=by)


def _must_go(archive: Archive, version: ReportVersion, publication: Publication, *, by: Actor) -> bool:
    """Of a withdrawn report: the note that rejects what the archive has, and what the archive took without a word."""
    if version.kind == "withdrawal":
        _settle_earlier(version, by=by)
        return bool(rejected_by(version))
    sent = Artifact.objects.filter(version=version, kind="encapsulated-pdf").exists()
    return sent and archive.locate(publication.sop_instance_uid) is not None


def _settle_earlier(version: ReportVersion, *, by: Actor) -> None:
    """An earlier version may be on its way at this moment: only when that is over is it known what to reject."""
    earlier = Publication.objects.filter(version__report=version.report_id, version__number__lt=version.number)
    open_ones = earlier.exclude(archive_state__in=ARCHIVING.groups["settled"]).select_related("version")
    for one in open_ones.order_by("version__number"):
        if ARCHIVING.allows(one, "confirm"):
            raise ArchiveError("An earlier version is still on its way to the archive: this waits.", permanent=False)
        publish_version(one.version, by=by)


def _object(archive: Archive, version: ReportVersion, publication: Publication) -> Artifact:
    """The Encapsulated PDF of a version: built once from the archive's own study attributes, then kept."""
    kept = Artifact.objects.filter(version=version, kind="encapsulated-pdf").first()
    if kept is not None:
        return kept
    spot = Spot.first(version, publication)
    is_note = version.kind == "withdrawal"
    body = _note(archive, version, spot) if is_note else document(archive, version, spot)
    artifact, _made = Artifact.objects.get_or_create(
        version=version,
        kind="encapsulated-pdf",
        defaults={"body": body, "sha256": hashlib.sha256(body).hexdigest(), "created_at": timezone.now()},
    )
    return artifact


def _note(archive: Archive, version: ReportVersion, spot: Spot) -> bytes:
    """Of what stands in the first study; of all when nothing does."""
    rejected = rejected_by(version)
    here = [one for one in rejected if one.study_instance_uid == spot.study_uid]
    return note(version, spot, source_of(archive, version, spot.study_uid), here or rejected)


@transaction.atomic
def withhold(publication: Publication, *, by: Actor) -> Publication:
    """It is not sent any more: its report was withdrawn before it had got there, or there is nothing to reject."""
    require_system(by, "report.publish")
    rows = Publication.objects.select_for_update(of=("self",)).select_related("version__report")
    locked = rows.get(pk=publication.pk)
    if ARCHIVING.allows(locked, "withhold"):
        ARCHIVING.advance(locked, "withhold")
        audit.record("report.withheld", locked.version.report, by=by, version=locked.version.number)
    return locked


@transaction.atomic
def _confirm(publication: Publication, version: ReportVersion, *, by: Actor) -> Publication:
    locked = Publication.objects.select_for_update().get(pk=publication.pk)
    if ARCHIVING.within(locked, "done"):
        return locked
    if ARCHIVING.allows(locked, "retry"):
        ARCHIVING.advance(locked, "retry")
    ARCHIVING.advance(locked, "confirm", archived_at=timezone.now())
    about: dict[str, Any] = {
        "study_uid": version.study_instance_uid,
        "sop_uid": locked.sop_instance_uid,
        "version": version.number,
    }
    patient = version.report.task.patient_id
    audit.record("report.archived", version.report, by=by, patient=patient, **about)
    emit("report.archived", version.report, by=by, version_id=version.pk)
    return locked


def note_given_up(version_id: int, *, by: Actor) -> None:
    """The delivery waits for a person: the report's page says so. Inside the delivery's transaction."""
    _turn(version_id, "fail", "report.not-archived", by=by)


def note_sent_again(version_id: int, *, by: Actor) -> None:
    """A person put the delivery back into the queue. Inside the delivery's transaction."""
    _turn(version_id, "retry", "report.archived-again", by=by)


def _turn(version_id: int, verb: str, action: str, *, by: Actor) -> None:
    require_system(by, "report.publish")
    found = Publication.objects.select_for_update(of=("self",)).select_related("version__report__task")
    publication = found.filter(version=version_id).first()
    if publication is None or not ARCHIVING.allows(publication, verb):
        return
    ARCHIVING.advance(publication, verb)
    report = publication.version.report
    audit.record(action, report, by=by, patient=report.task.patient_id, version=publication.version.number)
