"""The key images of a signed version on their way into the archive: one Key Object Selection, once, read back."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from reporting.actions.filing import image_of, require_same_patient
from reporting.lifecycle import REPORT
from reporting.models import Artifact, Report, ReportVersion
from reporting.permissions import require_system
from reporting.publish import key_objects
from reporting.publish.uids import selection_place
from ris import audit
from ris.core.actors import Actor
from ris.dicom.archive import Archive, get_archive, store_verified

KIND = "key-objects"


def publish_key_images(version: ReportVersion, *, by: Actor) -> Artifact | None:
    """Make sure that the archive holds the version's Key Object Selection; None without an image, or when withdrawn.

    Safe to repeat: the object is made once, its UID is its own, and the archive is asked before anything is sent.
    Raises ArchiveError, TransitionError when the study is not this patient's any more.
    """
    require_system(by, "report.publish")
    chosen = version.content.get("key_images") or []
    if not chosen or Report.objects.filter(pk=version.report_id, state__in=REPORT.groups["withdrawn"]).exists():
        return None
    archive = get_archive()
    artifact = Artifact.objects.filter(version=version, kind=KIND).first() or _made(archive, version, chosen)
    if artifact is None:
        return None
    store_verified(archive, bytes(artifact.body))
    report = version.report
    about: dict[str, Any] = {"study_uid": version.study_instance_uid, "version": version.number, "images": len(chosen)}
    audit.record("key-images.archived", report, by=by, patient=report.task.patient_id, **about)
    return artifact


def _made(archive: Archive, version: ReportVersion, chosen: list[dict[str, Any]]) -> Artifact | None:
    image = image_of(archive, version.study_instance_uid)
    require_same_patient(version, image, version.study_instance_uid)
    objects = [
        key_objects.KeyObject(
            one["series_uid"], one["sop_class"], one["sop_uid"], one["frame"], study_instance_uid=one["study_uid"]
        )
        for one in chosen
    ]
    return _kept(version, key_objects.build(objects, source=image, selection=_selection(version, chosen)))


@transaction.atomic
def _kept(version: ReportVersion, body: bytes) -> Artifact | None:
    """On record before it is sent, so that a withdrawal names it; None when one came first."""
    if REPORT.within(Report.objects.select_for_update().get(pk=version.report_id), "withdrawn"):
        return None
    artifact, _new = Artifact.objects.get_or_create(
        version=version,
        kind=KIND,
        defaults={"body": body, "sha256": hashlib.sha256(body).hexdigest(), "created_at": timezone.now()},
    )
    return artifact


def _selection(version: ReportVersion, chosen: list[dict[str, Any]]) -> key_objects.Selection:
    said = [f"{one['place'] or 'image'}: {one['label']}" for one in chosen if one["label"]]
    signed_at = datetime.fromisoformat(version.content["signed_at"])
    place = selection_place(version.report_id, version.number)
    return key_objects.Selection(
        sop_instance_uid=place.sop_uid,
        series_instance_uid=place.series_uid,
        number=version.number,
        created_at=signed_at.astimezone(version.report.site.zone),
        observer=version.content["signer"]["name"].replace("^", " ").replace("\\", " "),
        words="\n".join(said),
    )
