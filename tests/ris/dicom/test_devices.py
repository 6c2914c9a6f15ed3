"""Devices are saved by one action, and the archive learns of it, whenever it runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import requests
from pynetdicom import AE
from pynetdicom.sop_class import Verification
from pytest_django import Settings

from ris.audit.models import AuditEvent
from ris.core.errors import InvalidInput, NotPermitted
from ris.dicom import subscribers, tls
from ris.dicom.actions import DeviceData, add_device, announce_device, change_device
from ris.dicom.archive.devices import get_devices
from ris.dicom.archive.errors import NotSupported
from ris.dicom.drift import drift_of
from ris.dicom.models import DevicePool, Node
from ris.events.models import Delivery
from ris.events.outbox import sweep
from tests.services.certificates import Authority
from tests.services.orthanc import Server
from tests.services.server import free_port
from tests.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.db]


def data(title: str = "CT7", **changes: Any) -> DeviceData:
    return replace(DeviceData(name="CT seven", ae_title=title, host="10.9.0.7", port=104), **changes)


def drift(title: str) -> str:
    return drift_of(Node.objects.get(ae_title=title), get_devices().modalities()).verdict


@pytest.mark.orthanc
def test_a_saved_device_is_known_to_the_archive(world: World, orthanc: Server) -> None:
    node = add_device(data(tls=True), site=world.north, by=world.siteadmin)
    assert drift("CT7") == "missing"
    sweep()
    kept = get_devices().modalities()["CT7"]
    assert (kept["AET"], kept["Host"], kept["Port"], kept["UseDicomTls"]) == ("CT7", "10.9.0.7", 104, True)
    assert (kept["AllowStore"], kept["AllowFind"], kept["AllowMove"]) == (True, False, False)
    assert drift("CT7") == "same"
    change_device(node, data=data(port=11113), by=world.siteadmin)
    assert drift("CT7") == "different"
    sweep()
    assert get_devices().modalities()["CT7"]["Port"] == 11113


@pytest.mark.orthanc
def test_a_renamed_device_leaves_no_old_name_behind(world: World, orthanc: Server) -> None:
    node = add_device(data("CT8"), site=world.north, by=world.siteadmin)
    sweep()
    change_device(node, data=data("CT9"), by=world.siteadmin)
    sweep()
    assert "CT9" in get_devices().modalities()
    assert "CT8" not in get_devices().modalities()


@pytest.mark.orthanc
def test_a_device_that_is_switched_off_is_taken_from_the_archive(world: World, orthanc: Server) -> None:
    node = add_device(data("CT10"), site=world.north, by=world.siteadmin)
    sweep()
    change_device(node, data=data("CT10", active=False), by=world.siteadmin)
    assert drift("CT10") == "left-over"
    sweep()
    assert drift("CT10") == "not-kept"


@pytest.mark.orthanc
def test_what_somebody_changed_at_the_archive_is_shown_and_healed(world: World, orthanc: Server) -> None:
    node = add_device(data("CT11"), site=world.north, by=world.siteadmin)
    sweep()
    get_devices().put_modality("CT11", {"AET": "CT11", "Host": "10.9.9.9", "Port": 104, "AllowFind": True})
    found = drift_of(node, get_devices().modalities())
    assert [(one.name, one.ours, one.theirs) for one in found.differences] == [
        ("Host", "10.9.0.7", "10.9.9.9"),
        ("May search", "no", "yes"),
        ("May search Orthanc's worklist", "no", "yes"),
        ("May fetch", "no", "yes"),
        ("May have images moved", "no", "yes"),
    ]
    announce_device(node, by=world.siteadmin)
    sweep()
    assert drift("CT11") == "same"


@pytest.mark.orthanc
def test_an_archive_that_is_down_learns_of_it_when_it_is_back(
    world: World, fresh_orthanc: Callable[..., Server], settings: Settings
) -> None:
    server = fresh_orthanc()
    settings.ARCHIVE_KIND, settings.ORTHANC_URL, settings.ORTHANC_TOKEN = "orthanc", server.url, ""
    settings.ORTHANC_USERNAME, settings.ORTHANC_PASSWORD = server.credentials
    server.process.stop()
    add_device(data("CT12"), site=world.north, by=world.siteadmin)
    sweep()
    waiting = Delivery.objects.get(subscriber="dicom.modalities")
    assert (waiting.state, waiting.attempts) == ("pending", 1)
    server.process.start()
    Delivery.objects.update(next_at=waiting.event.at)
    sweep()
    assert drift("CT12") == "same"


@pytest.mark.orthanc
def test_a_new_archive_is_given_the_whole_list_and_keeps_it(
    world: World, fresh_orthanc: Callable[..., Server], settings: Settings
) -> None:
    server = fresh_orthanc(any_sender=False)
    settings.ARCHIVE_KIND, settings.ORTHANC_URL, settings.ORTHANC_TOKEN = "orthanc", server.url, ""
    settings.ORTHANC_USERNAME, settings.ORTHANC_PASSWORD = server.credentials
    assert get_devices().modalities() == {}
    subscribers.complete()
    ours = set(Node.objects.filter(kind="modality", active=True).values_list("ae_title", flat=True))
    assert set(get_devices().modalities()) == ours
    server.process.stop()
    server.process.start()
    assert set(get_devices().modalities()) == ours


@pytest.mark.orthanc
def test_orthanc_echoes_a_device_over_tls(
    world: World, fresh_orthanc: Callable[..., Server], settings: Settings, tmp_path: Path
) -> None:
    authority = Authority(tmp_path)
    ours, theirs = authority.issue("isocenter"), authority.issue("ct1")
    files = tls.Files(str(ours.certificate), str(ours.key), str(authority.certificate))
    server = fresh_orthanc(tls=files)
    settings.ARCHIVE_KIND, settings.ORTHANC_URL, settings.ORTHANC_TOKEN = "orthanc", server.url, ""
    settings.ORTHANC_USERNAME, settings.ORTHANC_PASSWORD = server.credentials
    context = tls.server_context(tls.Files(str(theirs.certificate), str(theirs.key), str(authority.certificate)))
    entity = AE(ae_title="CT7")
    entity.add_supported_context(Verification)
    device = entity.start_server(("127.0.0.1", 0), block=False, ssl_context=context)
    try:
        add_device(data(host="127.0.0.1", port=device.server_address[1], tls=True), site=world.north, by=world.admin)
        sweep()
        asked = requests.post(f"{server.url}/modalities/CT7/echo", "{}", auth=server.credentials, timeout=20)
    finally:
        device.shutdown()
    assert asked.status_code == 200


def test_another_kind_of_archive_is_left_alone(world: World, settings: Settings) -> None:
    settings.ARCHIVE_KIND, settings.ORTHANC_URL = "dicomweb", f"http://127.0.0.1:{free_port()}"
    with pytest.raises(NotSupported):
        get_devices()
    add_device(data(), site=world.north, by=world.siteadmin)
    sweep()
    assert Delivery.objects.get(subscriber="dicom.modalities").state == "done"


def test_only_administrators_of_the_site_save_devices(world: World) -> None:
    node = world.node("CT1")
    for person in (world.technologist, world.clerk, world.radiologist, world.outsider):
        with pytest.raises(NotPermitted):
            change_device(node, data=data("CT1"), by=person)
    with pytest.raises(NotPermitted):
        add_device(data(), site=world.south, by=world.siteadmin)
    assert add_device(data(), site=world.south, by=world.admin).site == world.south


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"ae_title": "lower"}, "ae_title"),
        ({"ae_title": "MR1"}, "ae_title"),
        ({"port": 70_000}, "port"),
        ({"host": "169.254.169.254"}, "host"),
        ({"host": "a b"}, "host"),
        ({"host": "http://ct7"}, "host"),
        ({"charset": "KLINGON"}, "charset"),
    ],
)
def test_what_can_be_no_device_is_refused_beside_its_field(world: World, changes: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        add_device(data(**changes), site=world.north, by=world.siteadmin)
    assert set(refused.value.fields) == {field}
    assert not Node.objects.filter(ae_title="CT7").exists()


def test_a_pool_of_another_site_is_refused(world: World) -> None:
    elsewhere = DevicePool.objects.create(site=world.south, name="Ward")
    with pytest.raises(InvalidInput) as refused:
        change_device(world.node("CT1"), data=data("CT1", pool=elsewhere), by=world.siteadmin)
    assert set(refused.value.fields) == {"pool"}


def test_a_change_is_audited_with_its_fields_and_no_change_is_not(world: World) -> None:
    node = change_device(world.node("CT1"), data=replace(DeviceData.of(world.node("CT1")), port=4006), by=world.admin)
    row = AuditEvent.objects.get(action="device.changed")
    assert (row.target_id, row.detail) == (str(node.pk), {"fields": ["port"], "port": 4006})
    change_device(node, data=DeviceData.of(node), by=world.admin)
    assert AuditEvent.objects.filter(action="device.changed").count() == 1
