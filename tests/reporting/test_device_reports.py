"""Reports that devices left in a study are taken in by themselves; what the archive deleted says nothing any more."""

from __future__ import annotations

import pytest
import requests

from reporting.actions import open_report
from reporting.actions.devices import receive_study
from reporting.models import Measurement, Report, StoredObject
from ris.core.actors import SystemActor
from ris.core.errors import NotPermitted
from ris.events.models import Delivery
from tests.exam import noted
from tests.reporting.archive import archived_case
from tests.reporting.sr.builders import length
from tests.reporting.test_objects import image_of, measured
from tests.services.orthanc import Server
from tests.world import World
from worklist.actions.reading import claim
from worklist.models import ReadingTask, Study

DELIVERY = SystemActor("delivery")

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_uids")]


def study_of(task: ReadingTask) -> Study:
    return Study.objects.get(study_instance_uid=task.requested_procedures.get().study_instance_uid)


def delete_in_archive(orthanc: Server, sop_uid: str) -> None:
    found = requests.post(orthanc.url + "/tools/lookup", data=sop_uid, auth=orthanc.credentials, timeout=10).json()
    requests.delete(f"{orthanc.url}/instances/{found[0]['ID']}", auth=orthanc.credentials, timeout=10)


@pytest.mark.orthanc
def test_a_report_that_nobody_stored_through_the_viewer_is_found_once(world: World, orthanc: Server) -> None:
    task = archived_case(world, orthanc)
    image = image_of(task, orthanc, PixelSpacing=[0.5, 0.5])
    _study, sop = measured(task, orthanc, length(50.0, [10, 10, 110, 10], image=image))
    assert [one.sop_instance_uid for one in receive_study(study_of(task), by=DELIVERY)] == [sop]
    assert receive_study(study_of(task), by=DELIVERY) == []
    assert Measurement.objects.get().value == 50.0


@pytest.mark.orthanc
def test_what_the_archive_deleted_leaves_the_draft_with_a_mark(world: World, orthanc: Server) -> None:
    task = archived_case(world, orthanc)
    image = image_of(task, orthanc, PixelSpacing=[0.5, 0.5])
    _study, sop = measured(task, orthanc, length(50.0, [10, 10, 110, 10], image=image))
    report = open_report(claim(task, by=world.radiologist), by=world.radiologist)
    receive_study(study_of(task), by=DELIVERY)
    assert Report.objects.get(pk=report.pk).content["fields"]["lesion-length"]["value"] == 50.0
    delete_in_archive(orthanc, sop)
    receive_study(study_of(task), by=DELIVERY)
    content = Report.objects.get(pk=report.pk).content
    assert (StoredObject.objects.get().state, content["fields"]["lesion-length"]) == ("superseded", None)
    assert content["marks"]["lesion-length"]["kind"] == "deleted"


@pytest.mark.orthanc
def test_only_the_delivery_takes_reports_in(world: World, orthanc: Server) -> None:
    task = archived_case(world, orthanc)
    for by in (world.radiologist, SystemActor("matcher")):
        with pytest.raises(NotPermitted):
            receive_study(study_of(task), by=by)


def test_a_study_that_comes_to_a_case_is_looked_through(world: World) -> None:
    noted(world.requested())
    subscribers = Delivery.objects.filter(event__kind="study.linked").values_list("subscriber", flat=True)
    assert "reporting.read-study" in subscribers
