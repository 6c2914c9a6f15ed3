"""Three ways of learning of a study, each enough, all together one study, one case, one link."""

from __future__ import annotations

import pytest
from django.test import Client
from pytest_django import Settings

from ris.audit.models import AuditEvent
from ris.events.models import Delivery, Event
from ris.events.outbox import attempt
from tests.api.conftest import program_of
from tests.exam import performed
from tests.services.orthanc import Server
from tests.worklist.learning.pictures import image_of
from tests.world import World
from worklist import subscribers
from worklist.learning import feed
from worklist.models import ChangeCursor, ReadingTask, Study, StudyLink

pytestmark = pytest.mark.django_db


@pytest.fixture
def dicomweb_only(archive: Server, settings: Settings) -> Server:
    """The same server as an archive that speaks DICOMweb and nothing else, such as dcm4chee."""
    settings.ARCHIVE_KIND = "dicomweb"
    return archive


def delivered() -> None:
    for delivery in Delivery.objects.filter(event__kind="study.noticed", state="pending"):
        assert attempt(delivery.pk)


def counts() -> tuple[int, ...]:
    return (
        Study.objects.count(), StudyLink.objects.count(), ReadingTask.objects.count(),
        Event.objects.filter(kind="study.linked").count(), AuditEvent.objects.filter(action="study.linked").count(),
    )  # fmt: skip


def test_webhook_feed_qido_and_notice_together_make_one_of_each(
    world: World, archive: Server, settings: Settings
) -> None:
    settings.HOOK_SECRET = "of the test"
    requested = world.requested()
    performed(world, requested)
    archive.archive().store([image_of(requested)])
    row = archive.archive().study(requested.study_instance_uid)
    assert row is not None
    told = {"event": "StableStudy", "id": row.archive_id}
    secret = {"Authorization": "Bearer of the test"}
    for _ in range(2):
        answer = Client().post("/hooks/orthanc", told, "application/json", headers=secret)
        assert answer.status_code == 202
    delivered()
    mine = Study.objects.filter(study_instance_uid=requested.study_instance_uid)
    assert mine.get().state == "matched"
    subscribers.poll()
    settings.ARCHIVE_POLLING = "qido"
    subscribers.poll()
    program = program_of(world.technologist)
    program.post("/api/v1/studies/notify/", {"study_instance_uid": requested.study_instance_uid}, format="json")
    delivered()
    assert mine.count() == 1
    assert StudyLink.objects.filter(requested_procedure=requested).count() == 1
    assert ReadingTask.objects.filter(requested_procedures=requested).count() == 1
    assert AuditEvent.objects.filter(action="study.linked", study_uid=requested.study_instance_uid).count() == 1


def test_an_archive_without_a_feed_is_asked_and_again_changes_nothing(world: World, dicomweb_only: Server) -> None:
    requested = world.requested()
    performed(world, requested)
    dicomweb_only.archive().store([image_of(requested)])
    subscribers.poll()
    assert Study.objects.get(study_instance_uid=requested.study_instance_uid).state == "matched"
    before = counts()
    subscribers.poll()
    assert counts() == before


def test_by_asking_a_study_that_grows_is_seen_to_grow(world: World, dicomweb_only: Server) -> None:
    requested = world.requested()
    performed(world, requested)
    for count in (1, 2):
        dicomweb_only.archive().store([image_of(requested)])
        subscribers.poll()
        assert ReadingTask.objects.get(requested_procedures=requested).image_count == count


def test_by_asking_an_exam_finds_its_images_also_under_another_day(world: World, dicomweb_only: Server) -> None:
    """The clock of the device stands years behind."""
    requested = world.requested()
    performed(world, requested)
    dicomweb_only.archive().store([image_of(requested, StudyDate="20190101")])
    subscribers.poll()
    assert Study.objects.get(study_instance_uid=requested.study_instance_uid).state == "matched"
    assert ChangeCursor.objects.get(name="qido").polled_at is not None


def test_the_setting_can_ask_an_orthanc_too(world: World, archive: Server, settings: Settings) -> None:
    settings.ARCHIVE_POLLING = "qido"
    requested = world.requested()
    performed(world, requested)
    archive.archive().store([image_of(requested)])
    subscribers.poll()
    assert Study.objects.get(study_instance_uid=requested.study_instance_uid).state == "matched"
    assert not ChangeCursor.objects.filter(name="archive").exists()


def test_a_feed_that_an_archive_does_not_have_is_said_and_breaks_nothing(
    dicomweb_only: Server, settings: Settings, db: None
) -> None:
    settings.ARCHIVE_POLLING = "changes"
    subscribers.poll()
    assert not Study.objects.exists()


def test_the_feed_is_read_from_where_it_was_left(world: World, archive: Server) -> None:
    subscribers.poll()
    place = ChangeCursor.objects.get(name="archive").position
    requested = world.requested()
    archive.archive().store([image_of(requested)])
    subscribers.poll()
    assert ChangeCursor.objects.get(name="archive").position > place
    assert Study.objects.filter(study_instance_uid=requested.study_instance_uid).exists()


def test_an_archive_that_was_restored_from_an_older_copy_is_read_anew(world: World, archive: Server) -> None:
    requested = world.requested()
    archive.archive().store([image_of(requested)])
    ChangeCursor.objects.create(name="archive", position=2_000_000_000)
    subscribers.poll()
    assert Study.objects.filter(study_instance_uid=requested.study_instance_uid).exists()
    assert ChangeCursor.objects.get(name="archive").position < 2_000_000_000


def test_an_accession_of_another_issuer_is_not_ours(world: World, archive: Server) -> None:
    from pydicom.dataset import Dataset

    from tests.ris.dicom.objects import new_uid

    requested = world.requested()
    issuer = Dataset()
    issuer.LocalNamespaceEntityID = "ELSEWHERE"
    uid = new_uid()
    archive.archive().store([image_of(requested, StudyInstanceUID=uid, IssuerOfAccessionNumberSequence=[issuer])])
    row = archive.archive().study(uid)
    assert row is not None
    assert row.issuer_of_accession_number == "ELSEWHERE"
    subscribers.poll()
    study = Study.objects.get(study_instance_uid=uid)
    assert (study.state, study.findings) == ("unmatched", ["same accession number, but of another issuer"])


@pytest.mark.parametrize("wild", ["*", "N26*", "N26000000?", "%", "N2\\N3"])
def test_an_accession_with_wildcards_is_never_a_key(wild: str, world: World, archive: Server) -> None:
    from tests.ris.dicom.objects import new_uid

    world.requested()
    requested = world.requested()
    uid = new_uid()
    archive.archive().store([image_of(requested, StudyInstanceUID=uid, AccessionNumber=wild.replace("\\", "\\\\"))])
    subscribers.poll()
    study = Study.objects.get(study_instance_uid=uid)
    assert (study.state, StudyLink.objects.filter(study=study).count()) == ("unmatched", 0)


def test_a_deleted_newest_study_makes_nobody_read_the_archive_from_its_beginning(
    world: World, archive: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed, "AGAIN", 2)
    first, last = world.requested(), world.requested()
    for one in (first, last):
        archive.archive().store([image_of(one)])
        subscribers.poll()
    row = archive.archive().study(last.study_instance_uid)
    assert row is not None
    archive.archive().client.http.request("DELETE", f"{archive.url}/studies/{row.archive_id}")
    subscribers.poll()
    place = ChangeCursor.objects.get(name="archive").position
    subscribers.poll()
    assert ChangeCursor.objects.get(name="archive").position == place > 2
    another = world.requested()
    archive.archive().store([image_of(another)])
    subscribers.poll()
    assert Study.objects.filter(study_instance_uid=another.study_instance_uid).exists()
