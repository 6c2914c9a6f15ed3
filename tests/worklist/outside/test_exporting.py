"""A ZIP for the patient: whole, readable by others' tools, with the signed report, by right and on the audit trail."""

from __future__ import annotations

import subprocess
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from pydicom import dcmread
from pytest_django import Settings

from reporting.actions.amend import Typed, begin_amendment, save_amendment, sign_amendment, withdraw_report
from reporting.actions.sign import Proof
from reporting.delay.actions import release_now
from reporting.delay.record import PublishDelay
from reporting.models import Artifact, Report
from reporting.subscribers import archive_version
from ris.audit.models import AuditEvent
from ris.core.errors import InvalidInput, NotFound, NotPermitted
from ris.events.models import Event
from tests.exam import draft, noted, performed, sign
from tests.services.orthanc import Server
from tests.worklist.rehoming.studies import everything, noted_from, of_exam, send, whole_study
from tests.world import World
from worklist.actions.wrong_patient import wrong_patient
from worklist.models import ReadingTask, Study
from worklist.outside import exporting
from worklist.outside.exporting import ask_export, expire, make
from worklist.outside.folder import export_path
from worklist.outside.rows import StudyExport

pytestmark = [pytest.mark.db, pytest.mark.usefixtures("signing_key", "own_uids")]


@pytest.fixture(autouse=True)
def _own_folder(settings: Settings, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path / "data"


def signed_exam(world: World, orthanc: Server) -> Study:
    requested = world.requested()
    performed(world, requested)
    send(orthanc, *whole_study(**of_exam(requested, StudyID="1")))
    study = noted_from(orthanc, requested.study_instance_uid)
    sign(draft(world, task=ReadingTask.objects.get()), world.radiologist)
    return study


def made(study: Study, world: World) -> StudyExport:
    row = ask_export(study, recipient="The patient", with_reports=True, by=world.clerk)
    make(Event.objects.filter(kind="export.asked", target_id=row.pk).get())
    row.refresh_from_db()
    return row


def test_the_zip_holds_the_study_and_the_report_and_others_can_read_it(
    world: World, orthanc: Server, tmp_path: Path, client: Client
) -> None:
    study = signed_exam(world, orthanc)
    row = made(study, world)
    assert (row.state, row.problem, row.reports) == ("made", "", 1)
    client.force_login(world.clerk)
    answer = client.get(reverse("worklist:export-save", args=[row.pk]))
    body = b"".join(answer.streaming_content)  # type: ignore[arg-type,attr-defined]
    assert answer.headers["Cache-Control"] == "private, no-store"
    disc = tmp_path / "disc"
    with zipfile.ZipFile(BytesIO(body)) as archive:
        assert archive.testzip() is None
        archive.extractall(disc)
    signed = Artifact.objects.get(kind="pdf")
    assert (disc / "REPORTS" / "REPORT1.PDF").read_bytes() == bytes(signed.body)
    inside = {dcmread(path).SOPInstanceUID for path in (disc / "IMAGES").iterdir()}
    assert inside == {key.split()[1] for key in everything(orthanc, study.study_instance_uid)}
    records = dcmread(disc / "DICOMDIR").DirectoryRecordSequence
    named = {one.ReferencedSOPInstanceUIDInFile: one.ReferencedFileID for one in records if "ReferencedFileID" in one}
    assert set(named) == inside
    for uid, place in named.items():
        assert dcmread(disc.joinpath(*place)).SOPInstanceUID == uid
    dumped = subprocess.run(["dcmdump", str(disc / "DICOMDIR")], capture_output=True, text=True, timeout=20, check=True)
    assert "DirectoryRecordSequence" in dumped.stdout
    told = AuditEvent.objects.filter(action__startswith="export.").order_by("pk")
    assert [(one.action, one.event_code) for one in told] == [
        ("export.asked", "110106"),
        ("export.handed-out", "110106"),
    ]
    assert told[1].patient_id == study.links.get().requested_procedure.order.patient_id


def test_only_by_right_and_only_to_who_asked(world: World, orthanc: Server, client: Client) -> None:
    study = signed_exam(world, orthanc)
    for who in (world.referrer, world.resident, world.outsider):
        with pytest.raises(NotPermitted):
            ask_export(study, recipient="X", with_reports=True, by=who)
    with pytest.raises(InvalidInput):
        ask_export(study, recipient=" ", with_reports=True, by=world.clerk)
    row = made(study, world)
    client.force_login(world.technologist)
    assert client.get(reverse("worklist:export-save", args=[row.pk])).status_code == 404, "another's"


def test_a_zip_lies_about_for_a_day_at_most(world: World, orthanc: Server, client: Client) -> None:
    row = made(signed_exam(world, orthanc), world)
    assert (expire(), export_path(row).exists()) == (0, True)
    StudyExport.objects.update(asked_at=timezone.now() - exporting.KEPT * 2)
    assert (expire(), export_path(row).exists()) == (1, False)
    client.force_login(world.clerk)
    assert client.get(reverse("worklist:export-save", args=[row.pk])).status_code == 404


def test_who_hands_a_study_out_sees_whose_it_is(world: World, client: Client) -> None:
    study = noted(world.requested())
    client.force_login(world.clerk)

    asking = client.get(reverse("worklist:export", args=[study.pk])).content.decode()
    ask_export(study, recipient="The patient", with_reports=True, by=world.clerk)
    asked = client.get(reverse("worklist:exports")).content.decode()

    assert "Møller, Åse" in asking
    assert "Møller, Åse" in asked


def withdrawn(world: World) -> None:
    proof = Proof(timezone.now())
    withdraw_report(Report.objects.get(), reason="Read on other images", proof=proof, by=world.radiologist)


def corrected(world: World) -> None:
    begun = begin_amendment(Report.objects.get(), kind="correction", by=world.radiologist)
    texts = ["A nodule in the left upper lobe.", *[item["text"] for item in begun.texts][1:]]
    typed = Typed(texts, seen=begun.base, reason="The side was wrong")
    saved = save_amendment(begun, typed, revision=begun.revision, by=world.radiologist)
    sign_amendment(saved, revision=saved.revision, proof=Proof(timezone.now()), by=world.radiologist)


def read_anew(world: World) -> None:
    withdrawn(world)
    sign(draft(world, task=ReadingTask.objects.get()), world.radiologist)


def lying_there(world: World, study: Study, *, with_reports: bool = True) -> StudyExport:
    """A ZIP that was made; its bytes do not matter."""
    row = ask_export(study, recipient="The patient", with_reports=with_reports, by=world.clerk)
    StudyExport.objects.filter(pk=row.pk).update(state="made", reports=int(with_reports))
    export_path(row).write_bytes(b"a ZIP")
    return StudyExport.objects.get(pk=row.pk)


@pytest.mark.parametrize("with_reports", [True, False])
@pytest.mark.parametrize("change", [corrected, withdrawn, read_anew])
def test_a_zip_made_before_its_report_changed_is_not_handed_out(
    world: World, change: Callable[[World], None], with_reports: bool
) -> None:
    requested = world.requested()
    performed(world, requested)
    study = noted(requested)
    sign(draft(world, task=ReadingTask.objects.get()), world.radiologist)
    row = lying_there(world, study, with_reports=with_reports)
    assert exporting.hand_out(row, by=world.clerk)

    change(world)

    with pytest.raises(NotFound, match="Ask for the ZIP again"):
        exporting.hand_out(row, by=world.clerk)
    assert exporting.hand_out(lying_there(world, study, with_reports=with_reports), by=world.clerk)


def test_a_zip_made_before_the_report_was_released_or_an_earlier_exam_lost_it_is_not_handed_out(world: World) -> None:
    PublishDelay.objects.create(site=world.north, minutes=5)
    requested = world.requested()
    performed(world, requested)
    study = noted(requested)
    version = sign(draft(world, task=ReadingTask.objects.get()), world.radiologist)
    row = lying_there(world, study)
    assert exporting.hand_out(row, by=world.clerk)
    release_now(version.report, by=world.radiologist)
    with pytest.raises(NotFound, match="Ask for the ZIP again"):
        exporting.hand_out(row, by=world.clerk)

    study.links.update(active=False, ended_at=timezone.now())
    row = lying_there(world, study)
    assert exporting.hand_out(row, by=world.clerk)
    withdrawn(world)
    with pytest.raises(NotFound, match="Ask for the ZIP again"):
        exporting.hand_out(row, by=world.clerk)


def test_a_poll_that_has_nothing_new_asks_for_nobodys_name(world: World, client: Client) -> None:
    ask_export(noted(world.requested()), recipient="The patient", with_reports=True, by=world.clerk)
    client.force_login(world.clerk)
    rows = reverse("worklist:export-rows")
    shown = client.get(rows)
    assert "Møller, Åse" in shown.content.decode()
    with CaptureQueriesContext(connection) as asked:
        assert client.get(rows, {"seen": shown.context["version"]}).status_code == 204
    assert not [one for one in asked.captured_queries if "studylink" in one["sql"] or "outsidestudy" in one["sql"]]


def test_a_withdrawn_report_is_handed_to_nobody_neither_as_pdf_nor_as_object(
    world: World, orthanc: Server, tmp_path: Path
) -> None:
    study = signed_exam(world, orthanc)
    images = {key.split()[1] for key in everything(orthanc, study.study_instance_uid)}
    archive_version(Event.objects.get(kind="report.signed"))
    before = made(study, world)
    assert exporting.hand_out(before, by=world.clerk)

    withdrawn(world)

    with pytest.raises(NotFound, match="Ask for the ZIP again"):
        exporting.hand_out(before, by=world.clerk)
    after = made(study, world)
    assert (after.state, after.problem, after.reports) == ("made", "", 0)
    with zipfile.ZipFile(export_path(after)) as archive:
        names = archive.namelist()
        archive.extractall(tmp_path / "disc")
    assert not [name for name in names if name.startswith("REPORTS/")]
    assert {dcmread(path).SOPInstanceUID for path in (tmp_path / "disc" / "IMAGES").iterdir()} == images
    assert exporting.hand_out(after, by=world.clerk)


def test_a_zip_of_images_that_turned_out_to_be_another_patients_is_not_handed_out(world: World) -> None:
    requested = world.requested()
    performed(world, requested)
    row = ask_export(noted(requested), recipient="The patient", with_reports=True, by=world.clerk)
    StudyExport.objects.update(state="made")
    export_path(row).write_bytes(b"a ZIP")
    assert exporting.hand_out(StudyExport.objects.get(), by=world.clerk)

    wrong_patient(requested.steps.get(), reason="The wristband says Olsen", by=world.technologist)

    with pytest.raises(NotFound, match="Whose these images are"):
        exporting.hand_out(StudyExport.objects.get(), by=world.clerk)
