"""Reports that devices store with the images: measurements of an ultrasound, the dose of an exam, somebody's words."""

from __future__ import annotations

from reporting.actions.objects import lose_objects, receive_object, task_of
from reporting.models import StoredObject
from reporting.permissions import require_system
from ris.core.actors import Actor
from ris.core.errors import NotFound
from ris.dicom.archive import get_archive
from worklist.models import Study

MODALITIES = frozenset({"SR", "KO"})
MOST = 50
"""Of one study at a time; more than these nobody reads beside a report."""


def receive_study(study: Study, *, by: Actor) -> list[StoredObject]:
    """Take in each report of the study that is not known yet; safe to repeat. A study of no case has nothing to take.

    Raises ArchiveError when the archive does not answer.
    """
    require_system(by, "report.receive")
    try:
        task_of(study.study_instance_uid)
    except NotFound:
        return []
    there = _reports(study.study_instance_uid)
    lose_objects(study, frozenset(there), by=by)
    known = set(StoredObject.objects.filter(sop_instance_uid__in=there).values_list("sop_instance_uid", flat=True))
    new = [uid for uid in there if uid not in known][:MOST]
    return [receive_object(study.study_instance_uid, uid, by=by) for uid in new]


def _reports(study_uid: str) -> list[str]:
    archive = get_archive()
    series = [row for row in archive.series(study_uid) if row.modality in MODALITIES]
    listed = [archive.instances(study_uid, row.series_instance_uid) for row in series]
    return [row.ref.sop_instance_uid for rows in listed for row in rows]
