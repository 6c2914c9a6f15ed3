"""Devices as an administrator's program sets them up and tries them out."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from rest_framework.test import APIClient

from ris.audit.models import AuditEvent
from ris.dicom.archive import get_archive
from ris.dicom.archive.devices import PNG
from ris.dicom.models import DeviceContact, Node
from ris.events.models import Event
from tests.api.conftest import program_of
from tests.ris.dicom.objects import ct, file_of
from tests.services.orthanc import Server
from tests.services.server import free_port
from tests.world import World

pytestmark = pytest.mark.db
DEVICES = "/api/v1/devices/"
NEW = {"site": "north", "name": "CT 2", "ae_title": "CT2", "host": "192.0.2.7", "port": 104, "modality": "CT"}


@pytest.fixture
def administrator(world: World) -> APIClient:
    return program_of(world.siteadmin)


def door(world: World, verb: str = "") -> str:
    return f"{DEVICES}{world.node().pk}/{verb}"


def test_a_device_is_added_changed_and_the_archive_is_told(world: World, administrator: APIClient) -> None:
    added = administrator.post(DEVICES, NEW, format="json")
    assert added.status_code == 201, added.json()
    address = f"{DEVICES}{added.json()['id']}/"
    changed = administrator.patch(address, {"host": "192.0.2.8", "active": False}, format="json")
    assert (changed.status_code, changed.json()["host"], changed.json()["name"]) == (200, "192.0.2.8", "CT 2")
    assert administrator.get(address).json() == changed.json()
    assert "CT2" in [row["ae_title"] for row in administrator.get(DEVICES, {"site": "north"}).json()["results"]]
    assert Event.objects.filter(kind="device.changed", target_id=str(added.json()["id"])).count() == 2
    assert AuditEvent.objects.get(action="device.changed").detail["fields"] == ["host", "active"]


def test_what_can_be_no_device_is_refused_in_words(world: World, administrator: APIClient) -> None:
    twice = administrator.post(DEVICES, {**NEW, "ae_title": "CT1"}, format="json")
    assert (twice.status_code, list(twice.json()["fields"])) == (422, ["ae_title"])
    small = administrator.post(DEVICES, {**NEW, "ae_title": "small"}, format="json")
    assert (small.status_code, list(small.json()["fields"])) == (400, ["ae_title"])
    everywhere = administrator.post(DEVICES, {**NEW, "host": "0.0.0.0"}, format="json")
    assert (everywhere.status_code, list(everywhere.json()["fields"])) == (422, ["host"])
    moved = administrator.patch(door(world), {"site": "south"}, format="json")
    assert (moved.status_code, moved.json()["fields"]) == (400, {"site": "This cannot be written here."})
    assert not Node.objects.filter(name="CT 2").exists()


def test_devices_are_for_administrators(world: World, technologist: APIClient) -> None:
    assert technologist.post(DEVICES, NEW, format="json").status_code == 403
    assert technologist.post(door(world, "echo/")).status_code == 403
    assert not Node.objects.filter(ae_title="CT2").exists()


def test_an_echo_says_what_became_of_it_and_is_recorded(world: World, administrator: APIClient) -> None:
    Node.objects.filter(pk=world.node().pk).update(host="127.0.0.1", port=free_port())
    said = administrator.post(door(world, "echo/")).json()
    assert (said["result"], said["good"]) == ("refused", False)
    assert "Nothing listens at this port" in said["words"]
    assert AuditEvent.objects.get(action="device.echoed").outcome == "failure"


def test_the_archive_is_told_again_when_asked(world: World, administrator: APIClient) -> None:
    assert administrator.post(door(world, "heal/")).json()["ae_title"] == "CT1"
    assert Event.objects.get(kind="device.changed").target_id == str(world.node().pk)
    assert AuditEvent.objects.filter(action="device.announced").count() == 1


def test_without_a_worklist_server_the_preview_says_so(world: World, administrator: APIClient) -> None:
    said = administrator.get(door(world, "worklist/"), {"today": "true"}).json()
    assert said["entries"] == []
    assert said["fault"].startswith("The worklist server does not answer.")
    assert AuditEvent.objects.filter(action="worklist.previewed").count() == 1


def test_the_log_of_a_device_names_keys_and_no_values(world: World, administrator: APIClient) -> None:
    detail = {"keys": ["PatientName"], "preview": False}
    at = "2026-03-05T10:00:00Z"
    DeviceContact.objects.create(node=world.node(), ae_title="CT1", kind="worklist", at=at, returned=3, detail=detail)
    (line,) = administrator.get(door(world, "contacts/")).json()["results"]
    assert (line["kind"], line["returned"], line["keys"]) == ("worklist", 3, ["PatientName"])


def test_a_ticket_of_nobody_is_no_image_test(world: World, administrator: APIClient) -> None:
    answer = administrator.get(door(world, "image-test/"), {"test": "eyJub2RlX2lkIjox:1:x"})
    assert (answer.status_code, answer.json()["message"]) == (
        404,
        "This test is over: begin a new one on the page of the device.",
    )


@pytest.mark.orthanc
def test_a_program_begins_an_image_test_looks_and_deletes_the_image(
    world: World, administrator: APIClient, orthanc: Server, tmp_path: Path
) -> None:
    begun = administrator.post(door(world, "image-test/"))
    assert begun.status_code == 201, begun.json()
    ticket = begun.json()["test"]
    assert administrator.get(door(world, "image-test/"), {"test": ticket}).json()["arrived"] is False
    image = ct()
    sent = tmp_path / "image.dcm"
    sent.write_bytes(file_of(image))
    command = ["/usr/bin/storescu", "-R", "-aet", "CT1", "-aec", orthanc.ae_title, "127.0.0.1"]
    subprocess.run([*command, str(orthanc.dicom_port), str(sent)], check=True, timeout=30)
    seen = administrator.get(door(world, "image-test/"), {"test": ticket}).json()
    assert (seen["arrived"], seen["of_an_exam"]) == (True, False)
    assert image.SOPInstanceUID in [tag["value"] for tag in seen["tags"]]
    picture = administrator.get(door(world, "image-test/picture/"), {"test": ticket, "instance": seen["instance"]})
    assert (picture["Content-Type"], picture.content[:8]) == ("image/png", PNG)
    delete = {"test": ticket, "study": seen["study"], "sure": False}
    unsure = administrator.post(door(world, "image-test/delete/"), delete, format="json")
    assert (unsure.status_code, list(unsure.json()["fields"])) == (400, ["sure"])
    gone = administrator.post(door(world, "image-test/delete/"), {**delete, "sure": True}, format="json")
    assert (gone.status_code, gone.json()) == (200, {"images": 1})
    assert get_archive().study(image.StudyInstanceUID) is None
