"""Studies from a disc come into the real Orthanc under our patient, marked as another house's, otherwise unchanged."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from pydicom import dcmread
from pytest_django import Settings

from ris.audit.models import AuditEvent
from ris.core.errors import InvalidInput
from ris.events.models import Event
from ris.patients.actions import merge_patients
from ris.patients.models import Patient
from tests.exam import case
from tests.ris.dicom.objects import PDF, new_uid
from tests.services.orthanc import Server
from tests.worklist.rehoming.studies import carried, everything, noted_from, pdf_of, send
from tests.world import World
from viewer import grants
from worklist import subscribers
from worklist.models import ReadingTask, Study, StudyLink
from worklist.outside.actions import Choice, give_import, retry_import
from worklist.outside.comparing import studies_in
from worklist.outside.rows import OutsideImport, OutsideStudy
from worklist.priors.earlier import priors_of
from worklist.rehoming import following
from worklist.rehoming.rows import Rehoming

from .discs import brought, disc, folder_files, images, stored

pytestmark = [pytest.mark.db, pytest.mark.usefixtures("own_uids")]
SAME = {"family_name", "given_name", "birth_date", "sex"}


@pytest.fixture(autouse=True)
def _own_folder(settings: Settings, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path / "data"


def given(world: World, row: OutsideImport, patient: Patient, **changes: object) -> OutsideImport:
    uids = [one.uid for one in studies_in(row)]
    reports = {file.pk: uids[0] for file in row.files.filter(kind="pdf")}
    choice = Choice(patient=patient, studies=uids, reports=reports, **changes)  # type: ignore[arg-type]
    return give_import(row, choice, by=world.clerk)


def test_a_disc_becomes_an_earlier_exam_of_our_patient(world: World, orthanc: Server, tmp_path: Path) -> None:
    task = case(world)
    files = images(3)
    uid = files[0].StudyInstanceUID
    row = brought(world.clerk, world.north, folder_files(disc(tmp_path, *files)))
    row = stored(given(world, row, task.patient))
    assert (row.state, row.problem) == ("done", "")
    found = everything(orthanc, uid)
    number = task.patient.identifier_at(world.north)
    assert number is not None
    assert {key.split()[0] for key in found} == {number.value}
    assert len(found) == 4, "three images and the old report"
    assert pdf_of(found) == PDF
    for original in files:
        kept = dcmread(BytesIO(found[f"{number.value} {original.SOPInstanceUID}"]))
        assert (kept.AccessionNumber, kept.PixelData) == ("", original.PixelData)
        old = kept.OriginalAttributesSequence[0]
        assert (old.SourceOfPreviousValues, old.ReasonForTheAttributeModification) == ("St. Elsewhere", "COERCE")
        before = old.ModifiedAttributesSequence[0]
        assert (before.PatientID, before.AccessionNumber) == ("ELSEWHERE-9", "THEIRS1")

    subscribers.match_noticed(Event.objects.filter(kind="study.noticed").latest("pk"))
    study = Study.objects.get(study_instance_uid=uid)
    assert (study.state, study.site, study.links.count()) == ("matched", world.north, 0), "never matched by its numbers"
    (prior,) = priors_of(task, world.radiologist)
    assert (prior.study, prior.is_relevant, prior.outside) == (study, True, OutsideStudy.objects.get())
    assert grants.find(world.radiologist, "s", [uid])[uid].person_id == task.patient_id
    told = AuditEvent.objects.get(action="study.imported")
    assert (told.event_code, told.patient_id, told.study_uid) == ("110107", task.patient_id, uid)


def test_its_accession_number_finds_no_order_of_ours(world: World, orthanc: Server) -> None:
    requested = world.requested()
    files = images(1, AccessionNumber=requested.accession_number, StudyDate="20250101")
    row = brought(world.clerk, world.north, {"a": b""} | {f"IM{n}": _bytes(one) for n, one in enumerate(files)})
    row = stored(given(world, row, world.patient("Møller", "Åse")))
    assert row.state == "done"
    for _ in range(2):
        noted_from(orthanc, files[0].StudyInstanceUID)
    assert not StudyLink.objects.exists()
    assert not ReadingTask.objects.exists()


def _bytes(dataset: object) -> bytes:
    from tests.ris.dicom.objects import file_of

    return file_of(dataset)  # type: ignore[arg-type]


def test_each_field_that_differs_must_be_accepted_by_name(world: World) -> None:
    row = brought(world.clerk, world.north, {"a": _bytes(images(1)[0])})
    other = world.patient("Moller-Olsen", "Åse", birth_date=None, sex="M")
    with pytest.raises(InvalidInput) as refused:
        given(world, row, other)
    assert set(refused.value.fields) == {"family_name", "birth_date", "sex"}
    with pytest.raises(InvalidInput) as refused:
        given(world, row, other, accepted=["family_name"])
    assert set(refused.value.fields) == {"birth_date", "sex"}
    assert given(world, row, other, accepted=["family_name", "birth_date", "sex"]).state == "importing"


def test_two_persons_on_one_disc_are_taken_one_after_the_other(world: World) -> None:
    both = [images(1)[0], images(1, PatientName="Other^Person", PatientID="X")[0]]
    row = brought(world.clerk, world.north, {str(n): _bytes(one) for n, one in enumerate(both)})
    with pytest.raises(InvalidInput, match="not of one person"):
        given(world, row, world.patient(), accepted=SAME)


def test_a_study_that_is_an_exam_of_ours_is_not_brought(world: World) -> None:
    task = case(world)
    own = task.requested_procedures.get().study_instance_uid
    row = brought(world.clerk, world.north, {"a": _bytes(images(1, StudyInstanceUID=own)[0])})
    with pytest.raises(InvalidInput) as refused:
        given(world, row, task.patient)
    assert "it is here" in refused.value.fields["studies"]


def test_an_object_that_stands_under_another_patient_stops_the_import(world: World, orthanc: Server) -> None:
    one = images(1)[0]
    send(orthanc, images(1, PatientID="SOMEBODY", SOPInstanceUID=one.SOPInstanceUID)[0])
    row = brought(world.clerk, world.north, {"a": _bytes(one)})
    row = stored(given(world, row, world.patient()))
    assert (row.state, "another patient" in row.problem) == ("failed", True)
    assert not everything(orthanc, one.StudyInstanceUID)
    row = stored(retry_import(row, by=world.clerk))
    assert row.state == "failed", "tried again, with the same outcome"


def test_it_moves_with_its_patient_when_records_are_merged(world: World, orthanc: Server) -> None:
    patient, into = world.patient(), world.patient("Into")
    one = images(1, SeriesInstanceUID=new_uid())[0]
    stored(given(world, brought(world.clerk, world.north, {"a": _bytes(one)}), patient))
    noted_from(orthanc, one.StudyInstanceUID)
    merge_patients(patient, into=into, reason="Same passport", by=world.clerk)
    following.after_merge(Event.objects.get(kind="patient.merged"))
    row = carried(Rehoming.objects.get())
    assert row.state == "done"
    number = into.identifier_at(world.north)
    assert number is not None
    (kept,) = everything(orthanc, one.StudyInstanceUID).values()
    assert dcmread(BytesIO(kept)).PatientID == number.value
    assert len(dcmread(BytesIO(kept)).OriginalAttributesSequence) == 2, "both earlier names are kept"


def test_the_whole_way_through_the_pages(world: World, orthanc: Server, tmp_path: Path, client: Client) -> None:
    """Dropped in pieces, looked at, compared, given, stored, opened beside the case with its old report."""
    from worklist.outside import looking

    task = case(world)
    client.force_login(world.technologist)
    made = client.post(reverse("worklist:outside"), {"site": world.north.pk, "source": "St. Elsewhere"})
    row = OutsideImport.objects.get()
    assert made.headers["Location"] == reverse("worklist:outside-delivery", args=[row.pk])
    for name, body in folder_files(disc(tmp_path, *images(2))).items():
        address = f"{reverse('worklist:outside-part', args=[row.pk])}?name={name}&offset=0"
        assert client.post(address, body, content_type="application/octet-stream").status_code == 200
    client.post(reverse("worklist:outside-verb", args=[row.pk, "close"]))
    looking.look(Event.objects.get(kind="outside.closed"))
    page = client.get(reverse("worklist:outside-delivery", args=[row.pk])).content.decode()
    assert "ELSEWHERE-9" in page
    (study,) = studies_in(row)
    (pdf,) = row.files.filter(kind="pdf")
    chosen = {"patient": task.patient_id, "studies": [study.uid], f"report_{pdf.pk}": study.uid}
    assert client.post(reverse("worklist:outside-delivery", args=[row.pk]), chosen).status_code == 302
    assert stored(row).state == "done"
    noted_from(orthanc, study.uid)
    client.force_login(world.radiologist)
    page = client.get(reverse("worklist:priors", args=[task.pk])).content.decode()
    assert "outside" in page
    shown = client.get(reverse("worklist:outside-report", args=[OutsideStudy.objects.get().pk, 0]))
    assert (shown.headers["Content-Type"], shown.content) == ("application/pdf", PDF)
