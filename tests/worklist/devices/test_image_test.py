"""The image test with dcmtk's storescu and the real Orthanc."""

from __future__ import annotations

import re
import subprocess
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from django.test import Client
from pydicom.dataset import Dataset
from pytest_django import Settings

from ris.audit.models import AuditEvent
from ris.core.actors import SystemActor
from ris.dicom.archive import StudyQuery, get_archive
from ris.dicom.archive.devices import PNG
from tests.ris.dicom.objects import ct, file_of, pdf
from tests.services.orthanc import Server
from tests.services.server import free_port
from tests.worklist.devices.conftest import Browser
from tests.worklist.mpps.samples import created, unscheduled_item
from tests.world import World
from worklist.actions.performed import start_procedure
from worklist.actions.studies import note_study
from worklist.models import Study
from worklist.mpps import messages
from worklist.subscribers import MATCHER

pytestmark = [pytest.mark.django_db, pytest.mark.orthanc]


class Bench:
    """Somebody at the page of CT1, and a sender beside."""

    def __init__(self, world: World, orthanc: Server, folder: Path) -> None:
        self.world, self.orthanc, self.folder = world, orthanc, folder
        self.browser: Client = Browser(world.siteadmin)
        self.page = f"/worklist/devices/{world.node().pk}/image-test/"
        self.next = ""

    def send(self, dataset: Any, title: str = "CT1") -> None:
        path = self.folder / f"{dataset.SOPInstanceUID}.dcm"
        path.write_bytes(file_of(dataset))
        command = ["/usr/bin/storescu", "-R", "-aet", title, "-aec", self.orthanc.ae_title, "127.0.0.1"]
        subprocess.run([*command, str(self.orthanc.dicom_port), str(path)], check=True, timeout=30)

    def begin(self) -> None:
        answer = self.browser.post(self.page)
        assert answer.status_code == 302
        page = self.browser.get(answer.headers["Location"]).content.decode()
        assert "Waiting for an image of CT1" in page
        self.next = self._address("hx-get", page)

    def look(self) -> str:
        page = self.browser.get(self.next).content.decode()
        if "hx-get" in page:
            self.next = self._address("hx-get", page)
        return page

    def delete(self, page: str, **changes: str) -> str:
        fields = dict(re.findall(r'name="(test|study)" value="([^"]+)"', page)) | {"sure": "on"} | changes
        answer = self.browser.post(f"{self.page}delete/", fields, follow=True)
        return str(answer.content.decode())

    @staticmethod
    def _address(name: str, page: str) -> str:
        found = re.search(rf'{name}="([^"]+)"', page)
        assert found is not None
        return unescape(found[1])


@pytest.fixture
def bench(world: World, orthanc: Server, tmp_path: Path) -> Bench:
    return Bench(world, orthanc, tmp_path)


def held(dataset: Any) -> bool:
    return bool(get_archive().find_studies(StudyQuery(study_instance_uid=dataset.StudyInstanceUID)))


def test_an_image_that_arrives_is_shown_with_its_tags_and_deleted(bench: Bench) -> None:
    bench.begin()
    assert "Waiting" in bench.look()
    image = ct(PatientName="PHANTOM^TEST", Manufacturer="Scanner Works")
    bench.send(image)
    page = bench.look()
    assert "Arrived" in page
    for told in ("PHANTOM^TEST", "Scanner Works", "(0010,0010)", "1.2.840.10008.1.2"):
        assert told in page
    picture = bench.browser.get(bench._address("src", page))
    assert picture.headers["Content-Type"] == "image/png"
    assert picture.content.startswith(PNG)
    study = note_study(get_archive().study(image.StudyInstanceUID), by=MATCHER)  # type: ignore[arg-type]
    assert study.state == "unmatched"
    assert "Deleted from the archive: 1 image." in bench.delete(page)
    assert not held(image)
    assert not Study.objects.filter(pk=study.pk).exists()
    row = AuditEvent.objects.get(action="study.deleted")
    assert (row.event_code, row.study_uid) == ("110105", image.StudyInstanceUID)


def test_images_of_other_devices_and_of_before_do_not_count(bench: Bench) -> None:
    bench.send(ct())
    bench.begin()
    bench.send(ct(), title="MR1")
    assert "Waiting" in bench.look()


def test_an_archive_that_goes_away_is_waited_for(bench: Bench, settings: Settings) -> None:
    bench.begin()
    address, settings.ORTHANC_URL = settings.ORTHANC_URL, f"http://127.0.0.1:{free_port()}"
    assert "goes on asking" in bench.look()
    settings.ORTHANC_URL = address
    bench.send(ct())
    assert "Arrived" in bench.look()


def test_without_the_tick_nothing_is_deleted(bench: Bench) -> None:
    bench.begin()
    image = ct()
    bench.send(image)
    fields = dict(re.findall(r'name="(test|study)" value="([^"]+)"', bench.look()))
    bench.browser.post(f"{bench.page}delete/", fields)
    assert held(image)


def test_an_image_of_an_order_is_neither_shown_nor_deleted(bench: Bench) -> None:
    requested = bench.world.requested()
    image = ct(StudyInstanceUID=requested.study_instance_uid, AccessionNumber=requested.accession_number)
    bench.begin()
    bench.send(image)
    page = bench.look()
    assert "It belongs to an exam" in page
    assert "TEST^PERSON" not in page
    assert "delete" not in page
    row = get_archive().study(image.StudyInstanceUID)
    assert row is not None
    instance = bench.browser.get(bench.next.replace("look/", "picture/") + "&instance=" + _instance(row.archive_id))
    assert instance.status_code == 404
    answer = bench.delete(page, test=_token(bench.next), study=row.archive_id)
    assert "it stays in the archive" in answer
    assert held(image)


def test_a_study_that_was_here_before_keeps_every_image(bench: Bench) -> None:
    before = ct()
    bench.send(before)
    bench.begin()
    bench.send(ct(StudyInstanceUID=before.StudyInstanceUID))
    page = bench.look()
    assert "it stays" in bench.delete(page)
    assert held(before)


def test_a_study_to_which_another_device_sent_too_stays(bench: Bench) -> None:
    bench.begin()
    image = ct()
    bench.send(image)
    page = bench.look()
    bench.send(ct(StudyInstanceUID=image.StudyInstanceUID), title="MR1")
    assert "it stays" in bench.delete(page)
    assert held(image)


def test_a_study_that_was_closed_as_evidence_stays(bench: Bench) -> None:
    bench.begin()
    image = ct()
    bench.send(image)
    page = bench.look()
    Study.objects.create(study_instance_uid=image.StudyInstanceUID, state="blocked")
    assert "it stays in the archive" in bench.delete(page)
    assert held(image)


def test_an_emergency_without_an_order_is_neither_shown_nor_deleted(bench: Bench) -> None:
    bench.begin()
    image = ct(PatientID="E-77")
    start_procedure(
        messages.started("2.25.77", emergency(image.StudyInstanceUID)), node=bench.world.node(), by=SystemActor("mpps")
    )
    bench.send(image)
    page = bench.look()
    assert "It belongs to an exam" in page
    row = get_archive().study(image.StudyInstanceUID)
    assert row is not None
    assert "it stays in the archive" in bench.delete(page, test=_token(bench.next), study=row.archive_id)
    assert held(image)


def test_an_image_of_a_patient_of_ours_is_neither_shown_nor_deleted(bench: Bench) -> None:
    bench.begin()
    number = bench.world.patient().identifiers.get().value
    image = ct(PatientID=number)
    bench.send(image)
    page = bench.look()
    assert "It belongs to an exam" in page
    assert number not in page


def emergency(study_uid: str) -> Dataset:
    """The N-CREATE of an exam that nobody ordered."""
    item = unscheduled_item()
    item.StudyInstanceUID = study_uid
    return created(ScheduledStepAttributesSequence=[item])


def test_the_test_of_one_device_is_none_of_anothers(bench: Bench) -> None:
    bench.begin()
    image = ct()
    bench.send(image)
    page = bench.look()
    other = f"/worklist/devices/{bench.world.node('MR1').pk}/image-test/"
    assert bench.browser.get(bench.next.replace(bench.page, other)).status_code == 404
    bench.page = other
    assert "This test is over" in bench.delete(page)
    assert held(image)


def test_what_is_no_image_has_tags_and_no_picture(bench: Bench) -> None:
    bench.begin()
    bench.send(pdf())
    page = bench.look()
    assert "(0008,0016)" in page
    assert bench.browser.get(bench._address("src", page)).status_code in {404, 503}


def _instance(study_id: str) -> str:
    from ris.dicom.archive.devices import get_devices

    return get_devices().instances_of(study_id)[0][0].instance_id


def _token(address: str) -> str:
    found = re.search(r"test=([^&]+)", address)
    assert found is not None
    return unquote(found[1])
