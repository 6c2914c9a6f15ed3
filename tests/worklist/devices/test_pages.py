from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings

from ris.audit.models import AuditEvent
from ris.dicom.models import DeviceContact, Node
from ris.events.models import Delivery
from tests.services.orthanc import Server
from tests.services.server import free_port
from tests.worklist.devices.conftest import Browser
from tests.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.db]
LIST = "/worklist/devices/"


def typed(**changes: str) -> dict[str, str]:
    """What the form holds for a device as it was furnished."""
    return {
        "name": "CT 1", "ae_title": "CT1", "host": "127.0.0.1", "port": "104", "kind": "modality", "modality": "CT",
        "charset": "ISO_IR 192", "active": "on",
    } | changes  # fmt: skip


def queries(browser: Browser, address: str) -> int:
    browser.get(address)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert browser.get(address).status_code == 200
    return len(asked)


def contact(node: Node | None, kind: str = "worklist", **more: object) -> DeviceContact:
    title = node.ae_title if node else "STRANGER"
    values: dict[str, object] = {"ae_title": title, "address": "10.1.1.9", "at": timezone.now(), "returned": 3} | more
    return DeviceContact.objects.create(node=node, kind=kind, **values)


def test_an_administrator_sees_the_devices_of_their_site_only(world: World) -> None:
    Node.objects.create(site=world.south, name="Elsewhere", ae_title="SOUTHCT")
    own = Browser(world.siteadmin).get(LIST).content.decode()
    assert "CT1" in own
    assert "SOUTHCT" not in own
    assert "SOUTHCT" in Browser(world.admin).get(LIST).content.decode()
    elsewhere = Node.objects.get(ae_title="SOUTHCT")
    for part in ("", "edit/", "archive/", "worklist/", "image-test/"):
        assert Browser(world.siteadmin).get(f"{LIST}{elsewhere.pk}/{part}").status_code == 404


def test_a_change_on_the_page_is_saved_audited_and_on_its_way_to_the_archive(world: World) -> None:
    node = world.node()
    answer = Browser(world.siteadmin).post(f"{LIST}{node.pk}/edit/", typed(port="4006", tls="on"))
    assert answer.status_code == 302
    node.refresh_from_db()
    assert (node.port, node.tls) == (4006, True)
    assert AuditEvent.objects.get(action="device.changed").actor_id == str(world.siteadmin.pk)
    assert Delivery.objects.get(subscriber="dicom.modalities").event.target_id == str(node.pk)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"ae_title": "MR1"}, "already exists"),
        ({"ae_title": "ct one"}, "Capitals, digits"),
        ({"port": "0"}, "greater than or equal to 1"),
        ({"host": "169.254.169.254"}, "one machine of your network"),
        ({"charset": "KLINGON"}, "no character set of DICOM"),
    ],
)
def test_a_fault_stands_beside_its_field_and_nothing_is_saved(
    world: World, changes: dict[str, str], words: str
) -> None:
    node = world.node()
    answer = Browser(world.siteadmin).post(f"{LIST}{node.pk}/edit/", typed(**changes))
    assert answer.status_code == 422
    assert words in answer.content.decode()
    node.refresh_from_db()
    assert (node.ae_title, node.port, node.host) == ("CT1", 104, "127.0.0.1")


def test_a_stranger_that_called_is_added_without_typing_it_again(world: World) -> None:
    contact(None, "refused", returned=None)
    page = Browser(world.admin).get(LIST).content.decode()
    assert "STRANGER" in page
    assert "ae_title=STRANGER&amp;host=10.1.1.9" in page
    form = Browser(world.admin).get(f"{LIST}new/?ae_title=STRANGER&host=10.1.1.9").content.decode()
    assert 'value="STRANGER"' in form
    assert "STRANGER" not in Browser(world.siteadmin).get(LIST).content.decode()
    body = typed(ae_title="STRANGER", site=str(world.north.pk))
    assert Browser(world.admin).post(f"{LIST}new/", body).status_code == 302
    assert Node.objects.get(ae_title="STRANGER").site == world.north


def test_a_site_administrator_adds_devices_to_their_own_site_only(world: World) -> None:
    body = typed(ae_title="NEW1", site=str(world.south.pk))
    assert Browser(world.siteadmin).post(f"{LIST}new/", body).status_code == 422
    assert not Node.objects.filter(ae_title="NEW1").exists()


def test_the_log_tells_who_asked_when_and_how_many_came_back_a_page_at_a_time(world: World) -> None:
    node = world.node()
    for minutes in range(60):
        contact(node, at=timezone.now() - timedelta(minutes=minutes), returned=minutes)
    first = Browser(world.siteadmin).get(f"{LIST}{node.pk}/").content.decode()
    assert first.count("10.1.1.9") == 50
    assert "Page 1 of 2, 60 in all" in first
    assert Browser(world.siteadmin).get(f"{LIST}{node.pk}/?page=2").content.decode().count("10.1.1.9") == 10


def test_the_pages_ask_the_database_as_often_for_many_as_for_one(world: World) -> None:
    node, browser = world.node(), Browser(world.siteadmin)
    contact(node)
    few = queries(browser, LIST), queries(browser, f"{LIST}{node.pk}/")
    for number in range(20):
        Node.objects.create(site=world.north, name=f"Room {number}", ae_title=f"DEV{number}")
        contact(node)
    assert (queries(browser, LIST), queries(browser, f"{LIST}{node.pk}/")) == few


def test_an_echo_says_in_words_why_a_device_does_not_answer(world: World) -> None:
    node = world.node()
    Node.objects.filter(pk=node.pk).update(port=free_port())
    answer = Browser(world.siteadmin).post(f"{LIST}{node.pk}/echo/").content.decode()
    assert "Nothing listens at this port" in answer
    row = AuditEvent.objects.get(action="device.echoed")
    assert (row.outcome, row.detail) == ("failure", {"result": "refused"})


@pytest.mark.orthanc
def test_the_archive_answers_the_echo_of_the_page(world: World, orthanc: Server) -> None:
    node = Node.objects.create(
        site=world.north, name="Archive", ae_title=orthanc.ae_title, host="127.0.0.1", port=orthanc.dicom_port,
        kind="archive",
    )  # fmt: skip
    answer = Browser(world.siteadmin).post(f"{LIST}{node.pk}/echo/").content.decode()
    assert "It answers under this AE title." in answer
    Node.objects.filter(pk=node.pk).update(ae_title="OTHER")
    answer = Browser(world.siteadmin).post(f"{LIST}{node.pk}/echo/").content.decode()
    assert "not called OTHER" in answer


@pytest.mark.orthanc
def test_drift_is_shown_field_by_field_and_healed_by_a_button(world: World, orthanc: Server) -> None:
    from ris.dicom.archive.devices import get_devices
    from ris.events.outbox import sweep

    node, browser, devices = world.node(), Browser(world.siteadmin), get_devices()
    devices.delete_modality("CT1")
    assert "does not know this device yet" in browser.get(f"{LIST}{node.pk}/archive/").content.decode()
    devices.put_modality("CT1", {"AET": "CT1", "Host": "10.9.9.9", "Port": 104})
    shown = browser.get(f"{LIST}{node.pk}/archive/").content.decode()
    assert "10.9.9.9" in shown
    assert "Tell the archive again" in shown
    assert "Differs" in browser.get(f"{LIST}rows/").content.decode()
    assert browser.post(f"{LIST}{node.pk}/heal/").status_code == 302
    sweep()
    assert "says the same as the RIS" in browser.get(f"{LIST}{node.pk}/archive/").content.decode()


def test_an_archive_that_is_silent_leaves_the_page_standing(world: World, settings: Settings) -> None:
    settings.ARCHIVE_KIND, settings.ORTHANC_URL = "orthanc", f"http://127.0.0.1:{free_port()}"
    browser = Browser(world.siteadmin)
    assert "asking…" in browser.get(LIST).content.decode()
    rows = browser.get(f"{LIST}rows/").content.decode()
    assert "cannot be shown" in rows
    assert "CT1" in rows
