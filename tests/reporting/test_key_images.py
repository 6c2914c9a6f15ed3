"""Key images: from the viewer and from the report, with a picture, printed and archived as a selection."""

from __future__ import annotations

import base64
import subprocess
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from PIL import Image
from pydicom import Dataset, dcmread

from reporting.actions import filing, publish_version, receive_object, select
from reporting.actions.amend import withdraw_report
from reporting.actions.key_images import MOST, Shown, choose_key_image, leave_out_key_image
from reporting.actions.select import publish_key_images
from reporting.actions.sign import Proof
from reporting.desk import key_images_of
from reporting.models import Artifact, KeyImage, Report, ReportVersion
from reporting.picturing import picture
from reporting.publish.pictures import LONGEST_SIDE, plain
from ris.core.actors import SystemActor
from ris.core.errors import InvalidInput, NotPermitted, TransitionError
from ris.dicom.archive import Archive, store_verified
from ris.dicom.sandbox.errors import Refusal
from tests.exam import FINDINGS, draft, sign
from tests.reporting.archive import archived_case
from tests.reporting.sr.builders import LABEL, Annotation, Drawn, Num
from tests.reporting.test_objects import image_of, measured
from tests.services.orthanc import Server
from tests.world import World
from worklist.models import ReadingTask

DELIVERY = SystemActor("delivery")

pytestmark = pytest.mark.usefixtures("signing_key")


def jpeg(width: int, height: int, mode: str = "L") -> bytes:
    target = BytesIO()
    Image.new(mode, (width, height), 90).save(target, "JPEG", exif=b"Exif\x00\x00secret")
    return target.getvalue()


def study_of(report: Report) -> str:
    return str(report.task.studies().get().study_instance_uid)


def shown(report: Report, image: str = "2.25.31", **changes: object) -> Shown:
    return Shown(study_of(report), image, **changes)  # type: ignore[arg-type]


def test_a_picture_is_drawn_anew_and_small() -> None:
    kept = base64.b64decode(plain(jpeg(2400, 1200)))
    with Image.open(BytesIO(kept)) as found:
        assert (found.size, found.mode) == ((LONGEST_SIDE, LONGEST_SIDE // 2), "L")
    assert b"secret" not in kept


@pytest.mark.parametrize("body", [b"", b"GIF89a", b"<html>", jpeg(20, 20)[:60]])
def test_what_is_no_picture_is_refused(body: bytes) -> None:
    with pytest.raises(Refusal):
        plain(body)


@pytest.mark.django_db
def test_only_an_image_of_the_case_becomes_a_key_image_and_only_by_its_reader(world: World) -> None:
    report = draft(world)
    with pytest.raises(InvalidInput, match="not of this case"):
        choose_key_image(report, Shown("2.25.99", "2.25.31"), by=world.radiologist)
    for stranger in (world.resident, world.technologist):
        with pytest.raises(NotPermitted):
            choose_key_image(report, shown(report), by=stranger)
    assert not KeyImage.objects.exists()


@pytest.mark.django_db
def test_choosing_twice_is_one_and_leaving_out_and_choosing_again_brings_it_back(world: World) -> None:
    report = draft(world)
    one = choose_key_image(report, shown(report), by=world.radiologist)
    choose_key_image(report, shown(report, label="The mass"), by=world.radiologist)
    assert KeyImage.objects.get().label == "The mass"
    leave_out_key_image(one, by=world.radiologist)
    assert KeyImage.objects.get().left_out
    choose_key_image(report, shown(report), by=world.radiologist)
    assert not KeyImage.objects.get().left_out


@pytest.mark.django_db
def test_a_report_has_no_more_key_images_than_anybody_looks_at(world: World) -> None:
    report = draft(world)
    for number in range(MOST):
        choose_key_image(report, shown(report, f"2.25.{number}"), by=world.radiologist)
    with pytest.raises(InvalidInput, match="at most"):
        choose_key_image(report, shown(report, "2.25.9999"), by=world.radiologist)


@pytest.mark.django_db
def test_an_image_is_left_out_of_the_report_that_counts_when_an_earlier_one_was_withdrawn(
    world: World, client: Client
) -> None:
    first = sign(draft(world), world.radiologist).report
    withdraw_report(first, reason="Dictated twice", proof=Proof(timezone.now()), by=world.radiologist)
    again = draft(world, task=ReadingTask.objects.get(pk=first.task_id))
    one = choose_key_image(again, shown(again), by=world.radiologist)
    client.force_login(world.radiologist, "allauth.account.auth_backends.AuthenticationBackend")
    answer = client.post(reverse("reporting:leave-out-key-image", args=[one.pk]))
    assert answer.status_code == 200
    assert answer.context["report"] == again
    assert KeyImage.objects.get().left_out


@pytest.mark.django_db
def test_nobody_signs_while_a_picture_is_missing(world: World) -> None:
    report = draft(world)
    one = choose_key_image(report, shown(report), by=world.radiologist)
    with pytest.raises(InvalidInput, match="on its way"):
        sign(report, world.radiologist)
    leave_out_key_image(one, by=world.radiologist)
    sign(report, world.radiologist)
    with pytest.raises((NotPermitted, TransitionError)):
        choose_key_image(report, shown(report), by=world.radiologist)


@pytest.mark.orthanc
@pytest.mark.django_db
@pytest.mark.usefixtures("own_uids")
def test_an_image_marked_in_the_viewer_is_printed_and_archived(world: World, orthanc: Server, tmp_path: Path) -> None:
    task = archived_case(world, orthanc)
    image = image_of(task, orthanc, SeriesNumber=3, InstanceNumber=61)
    mark = Drawn("POINT", [10, 10], image=image)
    place = measured(task, orthanc, Annotation("Probe:KeyImage", [Num(LABEL, "0", ("1", "UCUM", "no units"), mark)]))
    report = draft(world, task=task)
    receive_object(*place, by=DELIVERY)
    one = KeyImage.objects.get()
    picture(one, by=DELIVERY)
    one.refresh_from_db()
    assert (one.sop_instance_uid, one.place, one.origin) == (image, "series 3, image 61", "viewer")

    version = sign(Report.objects.get(pk=report.pk), world.radiologist)
    pdf = tmp_path / "report.pdf"
    pdf.write_bytes(bytes(Artifact.objects.get(version=version, kind="pdf").body))
    listed = subprocess.run(["pdfimages", "-list", str(pdf)], capture_output=True, text=True, check=True).stdout
    assert len(listed.splitlines()) == 3, "two lines of head and the one picture"
    words = subprocess.run(["pdftotext", str(pdf), "-"], capture_output=True, text=True, check=True).stdout
    assert "series 3, image 61" in words
    assert FINDINGS["findings"] in words

    publish_key_images(version, by=DELIVERY)
    publish_key_images(version, by=DELIVERY)
    archive = orthanc.archive()
    (series,) = [row for row in archive.series(place[0]) if row.modality == "KO"]
    (stored,) = archive.instances(place[0], series.series_instance_uid)
    kept = archive.retrieve(stored.ref)
    (tmp_path / "ko.dcm").write_bytes(kept)
    found = dcmread(BytesIO(kept)).ContentSequence[-1].ReferencedSOPSequence[0]
    assert found.ReferencedSOPInstanceUID == image
    said = subprocess.run(["dciodvfy", "-new", tmp_path / "ko.dcm"], capture_output=True, text=True, check=False)
    assert [line for line in said.stderr.splitlines() if line.startswith("Error")] == []


def pictured(world: World, orthanc: Server) -> ReportVersion:
    """Signed, with one key image of an image that the archive has."""
    task = archived_case(world, orthanc)
    image = image_of(task, orthanc, SeriesNumber=3, InstanceNumber=61)
    report = draft(world, task=task)
    picture(choose_key_image(report, shown(report, image), by=world.radiologist), by=DELIVERY)
    return sign(Report.objects.get(pk=report.pk), world.radiologist)


def withdrawn(version: ReportVersion, world: World) -> None:
    """Withdrawn, and all that the archive is told of it has left."""
    why = "Another patient"
    note = withdraw_report(version.report, reason=why, proof=Proof(timezone.now()), by=world.radiologist)
    publish_version(note, by=DELIVERY)


def selections(orthanc: Server, version: ReportVersion) -> list[Dataset]:
    """Key Object Selections of the study: those of key images, and notes that reject."""
    archive, study = orthanc.archive(), version.study_instance_uid
    rows = [one for row in archive.series(study) for one in archive.instances(study, row.series_instance_uid)]
    objects = [dcmread(BytesIO(archive.retrieve(one.ref))) for one in rows]
    return [one for one in objects if one.Modality == "KO"]


def codes(orthanc: Server, version: ReportVersion) -> list[str]:
    """What they say that they are: of interest (113000), or rejected (113037)."""
    return sorted(one.ConceptNameCodeSequence[0].CodeValue for one in selections(orthanc, version))


@pytest.mark.orthanc
@pytest.mark.django_db
@pytest.mark.usefixtures("own_uids")
def test_a_selection_that_gets_there_after_the_withdrawal_is_rejected_too(
    world: World, orthanc: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    version = pictured(world, orthanc)
    publish_version(version, by=DELIVERY)

    def late(archive: Archive, part10: bytes) -> None:
        withdrawn(version, world)
        store_verified(archive, part10)

    monkeypatch.setattr(select, "store_verified", late)
    kept = publish_key_images(version, by=DELIVERY)
    assert kept is not None
    assert codes(orthanc, version) == ["113000", "113037"]
    found = {one.ConceptNameCodeSequence[0].CodeValue: one for one in selections(orthanc, version)}
    (study,) = found["113037"].CurrentRequestedProcedureEvidenceSequence
    rejected = {
        one.ReferencedSOPInstanceUID for row in study.ReferencedSeriesSequence for one in row.ReferencedSOPSequence
    }
    assert found["113000"].SOPInstanceUID in rejected


@pytest.mark.orthanc
@pytest.mark.django_db
@pytest.mark.usefixtures("own_uids")
def test_a_selection_that_was_not_made_before_the_withdrawal_never_is(
    world: World, orthanc: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    version = pictured(world, orthanc)
    publish_version(version, by=DELIVERY)

    def late(archive: Archive, study_uid: str) -> dict[str, Any]:
        withdrawn(version, world)
        return filing.image_of(archive, study_uid)

    monkeypatch.setattr(select, "image_of", late)
    assert publish_key_images(version, by=DELIVERY) is None
    assert codes(orthanc, version) == ["113037"]


@pytest.mark.django_db
def test_an_image_of_a_study_that_left_the_case_is_neither_shown_nor_printed(world: World) -> None:
    report = draft(world)
    one = choose_key_image(report, shown(report), by=world.radiologist)
    KeyImage.objects.update(picture=b"a JPEG", picture_sha256="0" * 64)
    client = Client()
    client.force_login(world.radiologist)
    address = reverse("reporting:key-image-picture", args=[one.pk])
    assert (client.get(address).status_code, len(key_images_of(report))) == (200, 1)
    report.task.studies().get().links.update(active=False)
    assert (client.get(address).status_code, key_images_of(report)) == (404, [])


@pytest.mark.orthanc
@pytest.mark.django_db
@pytest.mark.usefixtures("own_uids")
def test_an_image_that_the_archive_does_not_have_says_so(world: World, orthanc: Server) -> None:
    report = draft(world, task=archived_case(world, orthanc))
    one = choose_key_image(report, shown(report, "2.25.4711"), by=world.radiologist)
    picture(one, by=DELIVERY)
    one.refresh_from_db()
    assert one.problem == "The archive has no such image in this study."
    with pytest.raises(InvalidInput, match="no such image"):
        sign(report, world.radiologist)
