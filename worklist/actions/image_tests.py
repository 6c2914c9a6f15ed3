"""A device sends one image to see whether it arrives; then the image goes again, and nothing else with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Q

from ris import audit
from ris.core.actors import Actor
from ris.core.errors import NotFound, TransitionError
from ris.core.identifiers import is_accession
from ris.dicom.archive.devices import Arrival, OrthancDevices
from ris.dicom.datasets import StudyRow
from ris.dicom.models import Node
from ris.dicom.permissions import require_manage
from ris.orders.models import RequestedProcedure
from ris.patients.models import PatientIdentifier
from worklist.lifecycle import STUDY
from worklist.models import PerformedProcedureStep, Study, WrongPatient

GONE = "The archive has this image no more."
NOT_OF_THE_TEST = "This image was not sent by this device during this test: it stays."
OF_AN_EXAM = "This image belongs to an exam or to images that were here before: it stays in the archive."


@dataclass(frozen=True, slots=True)
class ImageTest:
    """One device's test: since when, by the archive's own clock, and from which place of its change feed."""

    node_id: int
    clock: str
    position: int

    def holds(self, arrival: Arrival) -> bool:
        return bool(arrival.received) and arrival.received >= self.clock


def is_of_an_exam(row: StudyRow) -> bool:
    """Whether a study is, or may be, somebody's.

    An order of any state names it; a device told of it as of something done, with an order or without; its patient is
    one of ours; or it was linked or closed here.
    """
    named = Q(study_instance_uid=row.study_instance_uid)
    if is_accession(row.accession_number):
        named |= Q(accession_number=row.accession_number)
    if RequestedProcedure.objects.filter(named).exists() or _is_told_of(row):
        return True
    study = Study.objects.filter(study_instance_uid=row.study_instance_uid).first()
    return study is not None and (not STUDY.within(study, "waiting") or study.links.exists())


def _is_told_of(row: StudyRow) -> bool:
    uid = row.study_instance_uid
    if PerformedProcedureStep.objects.filter(study_instance_uid=uid).exists():
        return True
    if WrongPatient.objects.filter(study_instance_uid=uid).exists():
        return True
    return bool(row.patient_id) and PatientIdentifier.objects.filter(value=row.patient_id).exists()


def begin_image_test(node: Node, *, devices: OrthancDevices, by: Actor) -> ImageTest:
    """From now on an image of this device counts. Raises NotPermitted, ArchiveError."""
    require_manage(by, node.site_id)
    moment = devices.now()
    audit.record("device.image-test", node, by=by, ae_title=node.ae_title)
    return ImageTest(node.pk, moment.clock, moment.position)


@transaction.atomic
def delete_test_study(node: Node, *, test: ImageTest, study_id: str, devices: OrthancDevices, by: Actor) -> int:
    """Delete the objects of a test's study from the archive, and forget the study here; how many objects.

    All of them must have come from this device since the test began, the study must be new since then, and no order
    may name it. Raises NotPermitted, NotFound, TransitionError when it must stay, ArchiveError.
    """
    require_manage(by, node.site_id)
    row = devices.study(study_id)
    if row is None:
        raise NotFound(GONE)
    known = Study.objects.select_for_update().filter(study_instance_uid=row.study_instance_uid).first()
    sent = _require_of_test(node, test, study_id, devices)
    if is_of_an_exam(row):
        raise TransitionError(OF_AN_EXAM)
    about: dict[str, Any] = {"study_uid": row.study_instance_uid, "objects": len(sent), "ae_title": node.ae_title}
    audit.record("study.deleted", known or node, by=by, site_id=node.site_id, **about)
    if known is not None:
        known.delete()
    devices.delete_instances(arrival.instance_id for arrival in sent)
    return len(sent)


def _require_of_test(node: Node, test: ImageTest, study_id: str, devices: OrthancDevices) -> list[Arrival]:
    found = devices.instances_of(study_id)
    if test.node_id != node.pk or not devices.is_new(study_id, test.position):
        raise TransitionError(NOT_OF_THE_TEST)
    if not all(sender == node.ae_title and test.holds(arrival) for arrival, sender in found):
        raise TransitionError(NOT_OF_THE_TEST)
    return [arrival for arrival, _ in found]
