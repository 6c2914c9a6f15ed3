"""The signed PDF's way into the real archive: exactly once, whatever dies on the way, and byte for byte."""

from __future__ import annotations

import subprocess
import threading
from io import BytesIO
from pathlib import Path

import pytest
from django.db import connection
from django.utils import timezone
from pydicom import dcmread
from pytest_django import Settings

from reporting.actions import publish, publish_version
from reporting.guards import GUARDS
from reporting.models import Artifact, Publication, ReportVersion
from reporting.publish.encapsulated_pdf import extract_pdf
from ris.audit.models import AuditEvent
from ris.core.actors import SystemActor
from ris.core.errors import NotPermitted
from ris.core.guards import lifted
from ris.dicom.archive import get_archive
from ris.dicom.archive.errors import ArchiveError
from ris.events.models import Delivery, Event
from ris.events.outbox import attempt
from tests.exam import draft, sign
from tests.reporting.archive import archived_case, documents
from tests.reporting.tools import run
from tests.services.orthanc import Server
from tests.services.server import free_port
from tests.world import World

DELIVERY = SystemActor("delivery")

pytestmark = [pytest.mark.orthanc, pytest.mark.usefixtures("signing_key", "own_uids")]


def signed(world: World, orthanc: Server) -> ReportVersion:
    return sign(draft(world, task=archived_case(world, orthanc)), world.radiologist)


def state_of(version: ReportVersion) -> str:
    return Publication.objects.get(version=version).archive_state


def told(version: ReportVersion) -> int:
    assert (
        AuditEvent.objects.filter(action="report.archived").count()
        == Event.objects.filter(kind="report.archived").count()
    )
    return Event.objects.filter(kind="report.archived", payload={"version_id": version.pk}).count()


def dies(*_: object, **__: object) -> None:
    raise SystemExit


def in_the_archive(version: ReportVersion) -> bytes:
    archive = get_archive()
    where = archive.locate(Publication.objects.get(version=version).sop_instance_uid)
    assert where is not None
    assert where.study_instance_uid == version.study_instance_uid
    return archive.retrieve(where)


def test_the_archive_gives_back_the_very_bytes_that_were_signed(world: World, orthanc: Server, tmp_path: Path) -> None:
    version = signed(world, orthanc)
    publication = publish_version(version, by=DELIVERY)
    body = bytes(Artifact.objects.get(version=version, kind="pdf").body)
    assert (publication.archive_state, publication.archived_at is not None) == ("archived", True)
    assert extract_pdf(in_the_archive(version)) == body
    (tmp_path / "report.dcm").write_bytes(in_the_archive(version))
    run("dcm2pdf", tmp_path / "report.dcm", tmp_path / "report.pdf")
    assert (tmp_path / "report.pdf").read_bytes() == body
    assert told(version) == 1


def test_foreign_validators_find_no_fault(world: World, orthanc: Server, tmp_path: Path) -> None:
    version = signed(world, orthanc)
    publish_version(version, by=DELIVERY)
    (tmp_path / "report.dcm").write_bytes(in_the_archive(version))
    run("dcm2pdf", tmp_path / "report.dcm", tmp_path / "report.pdf")
    verdict = run("pdfsig", tmp_path / "report.pdf", home=tmp_path)
    assert "Signature is Valid" in verdict
    assert "Total document signed" in verdict
    done = subprocess.run(["dciodvfy", "-new", str(tmp_path / "report.dcm")], capture_output=True, check=False)
    assert [line for line in (done.stdout + done.stderr).decode().splitlines() if line.startswith("Error")] == []


def test_it_stands_in_the_study_of_its_images_under_the_same_patient(world: World, orthanc: Server) -> None:
    version = signed(world, orthanc)
    publish_version(version, by=DELIVERY)
    study = orthanc.archive().study(version.study_instance_uid)
    assert study is not None
    assert (study.series_count, study.instance_count) == (2, 2)
    assert set(study.modalities) == {"CT", "DOC"}


def test_it_names_each_accession_that_it_answers(world: World, orthanc: Server) -> None:
    task = archived_case(world, orthanc)
    first = task.requested_procedures.get()
    second = world.requested(world.order(first.order.patient))
    task.requested_procedures.add(second)
    version = sign(draft(world, task=task), world.radiologist)
    assert version.accession_numbers == [first.accession_number, second.accession_number]

    publish_version(version, by=DELIVERY)

    named = dcmread(BytesIO(in_the_archive(version))).RequestAttributesSequence
    assert [(one.AccessionNumber, one.RequestedProcedureID) for one in named] == [
        (one.accession_number, one.requested_procedure_id) for one in (first, second)
    ]


def test_a_second_run_stores_and_tells_nothing_more(world: World, orthanc: Server) -> None:
    version = signed(world, orthanc)
    for _ in range(3):
        publish_version(version, by=DELIVERY)
    assert (len(documents(orthanc, version.study_instance_uid)), told(version)) == (1, 1)


def test_a_worker_that_died_between_storing_and_marking_is_finished_by_the_next(
    world: World, orthanc: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    version = signed(world, orthanc)

    with monkeypatch.context() as patched:
        patched.setattr(publish, "_confirm", dies)
        with pytest.raises(SystemExit):
            publish_version(version, by=DELIVERY)
    before = in_the_archive(version)
    assert (state_of(version), told(version)) == ("pending", 0), "stored, and nobody says so before it is proven"
    publish_version(version, by=DELIVERY)
    assert (state_of(version), told(version)) == ("archived", 1)
    assert documents(orthanc, version.study_instance_uid) == [version.publication.sop_instance_uid]
    assert in_the_archive(version) == before


def test_a_worker_that_died_before_storing_is_finished_by_the_next(
    world: World, orthanc: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    version = signed(world, orthanc)

    with monkeypatch.context() as patched:
        patched.setattr(publish, "store_verified", dies)
        with pytest.raises(SystemExit):
            publish_version(version, by=DELIVERY)
    made = bytes(Artifact.objects.get(version=version, kind="encapsulated-pdf").body)
    publish_version(version, by=DELIVERY)
    assert in_the_archive(version) == made, "the object is made once"
    assert state_of(version) == "archived"


def test_while_the_archive_is_away_it_waits_and_goes_in_when_it_returns(
    world: World, orthanc: Server, settings: Settings
) -> None:
    version = signed(world, orthanc)
    settings.ORTHANC_URL = f"http://127.0.0.1:{free_port()}"
    delivery = Delivery.objects.get(event__kind="report.signed", subscriber="reporting.archive")
    assert attempt(delivery.pk)
    delivery.refresh_from_db()
    assert (delivery.state, state_of(version), told(version)) == ("pending", "pending", 0)
    settings.ORTHANC_URL = orthanc.url
    Delivery.objects.filter(pk=delivery.pk).update(next_at=timezone.now())
    assert attempt(delivery.pk)
    delivery.refresh_from_db()
    assert (delivery.state, state_of(version), told(version)) == ("done", "archived", 1)
    assert len(documents(orthanc, version.study_instance_uid)) == 1


def test_something_else_under_its_uid_is_never_called_archived(world: World, orthanc: Server) -> None:
    version = signed(world, orthanc)
    publish_version(version, by=DELIVERY)
    other = sign(draft(world, task=archived_case(world, orthanc)), world.radiologist)
    taken = documents(orthanc, version.study_instance_uid)[0]
    with lifted(connection, GUARDS):
        Publication.objects.filter(version=version).update(archive_state="pending", sop_instance_uid="2.25.1")
        Publication.objects.filter(version=other).update(sop_instance_uid=taken)
    with pytest.raises(ArchiveError) as failed:
        publish_version(other, by=DELIVERY)
    assert failed.value.permanent
    assert state_of(other) == "pending"


@pytest.mark.parametrize("who", ["radiologist", "admin"])
def test_publishing_is_for_the_delivery_alone(who: str, world: World, orthanc: Server) -> None:
    version = signed(world, orthanc)
    for by in (world.people[who], SystemActor("matcher")):
        with pytest.raises(NotPermitted):
            publish_version(version, by=by)
    assert documents(orthanc, version.study_instance_uid) == []


@pytest.mark.db
def test_workers_at_the_same_time_store_one_object(live_world: World, orthanc: Server) -> None:
    version, gate = signed(live_world, orthanc), threading.Barrier(4)

    def work() -> None:
        gate.wait()
        try:
            publish_version(ReportVersion.objects.get(pk=version.pk), by=DELIVERY)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(documents(orthanc, version.study_instance_uid)), told(version)) == (1, 1)
    assert (state_of(version), Artifact.objects.filter(version=version).count()) == ("archived", 2)
