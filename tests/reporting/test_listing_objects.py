"""A segmentation that the viewer stored is listed beside the report, not called unreadable."""

from __future__ import annotations

import pytest

from reporting.actions import receive_object
from reporting.models import StoredObject
from reporting.numbers import numbers_of
from ris.core.actors import SystemActor
from ris.dicom.archive import get_archive
from tests.exam import case, draft
from tests.ris.dicom.objects import common, file_of
from tests.world import World
from worklist.models import Study

SEGMENTATION = "1.2.840.10008.5.1.4.1.1.66.4"


@pytest.mark.usefixtures("orthanc")
def test_a_segmentation_is_listed_with_its_observer(world: World) -> None:
    report = draft(world, task=case(world))
    uid = Study.objects.get().study_instance_uid
    outline = common(SOPClassUID=SEGMENTATION, Modality="SEG", SeriesDescription="Lesion outline", StudyInstanceUID=uid)
    outline.ContentCreatorName = "Radiologist^Rita"
    get_archive().store([file_of(outline)])
    receive_object(uid, outline.SOPInstanceUID, by=SystemActor("delivery"))
    shown = numbers_of(report)
    assert [(item["object"].description, item["object"].observer) for item in shown["objects"]] == [
        ("Lesion outline", "Radiologist^Rita")
    ]
    assert shown["refused"] == []
    assert StoredObject.objects.get().sop_class_uid == SEGMENTATION
