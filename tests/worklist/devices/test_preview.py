"""The page asks our own server, in another process, under the AE title of the device."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from pytest_django import Settings

from ris.audit.models import AuditEvent
from ris.dicom.models import DeviceContact, Node
from tests.conformance.scanner import Scanner
from tests.conformance.scp_process import scp_process
from tests.services.server import free_port
from tests.worklist.devices.conftest import Browser
from tests.worklist.mwl.samples import identifier
from tests.world import World
from worklist.devices.preview import NO_SERVER, ask_as

pytestmark = [pytest.mark.django_db(transaction=True)]


@pytest.fixture
def server(live_world: World, tmp_path: Path, settings: Settings) -> Iterator[int]:
    with scp_process(tmp_path) as (_process, port, _log):
        settings.DICOM_SCP_PORT = port
        yield port


def contacts(count: int) -> list[DeviceContact]:
    """The log, once so many lines are written; they come at most a second late."""
    deadline = time.monotonic() + 5
    while DeviceContact.objects.count() < count and time.monotonic() < deadline:
        time.sleep(0.05)
    return list(DeviceContact.objects.order_by("at"))


def test_the_page_shows_what_the_device_would_be_told(live_world: World, server: int) -> None:
    node, step = live_world.node(), live_world.step()
    page = Browser(live_world.siteadmin).get(f"/worklist/devices/{node.pk}/worklist/").content.decode()
    requested = step.requested_procedure
    for told in ("MØLLER", requested.accession_number, step.sps_id, requested.study_instance_uid):
        assert told.casefold() in page.casefold()
    assert "(0040,0001)" in page
    assert "1 entry" in page
    other = Browser(live_world.siteadmin).get(f"/worklist/devices/{live_world.node('MR1').pk}/worklist/")
    assert requested.accession_number not in other.content.decode()
    assert AuditEvent.objects.filter(action="worklist.previewed").count() == 2


def test_a_device_that_cannot_read_a_letter_is_shown_what_it_gets(live_world: World, server: int) -> None:
    live_world.booking(live_world.order(live_world.patient("Łukasz")))
    Node.objects.filter(ae_title="CT1").update(charset="ISO_IR 100")
    found = ask_as("CT1")
    assert len(found.answers) == 1
    values = {line.name: line.value for line in found.answers[0].lines}
    assert values["Specific Character Set"] == "ISO_IR 100"
    assert "Ł" not in values["Patient's Name"]


def test_only_today_is_what_most_devices_ask_for(live_world: World, server: int) -> None:
    live_world.booking(start=timezone.now() + timedelta(days=3))
    node, browser = live_world.node(), Browser(live_world.siteadmin)
    assert "1 entry" in browser.get(f"/worklist/devices/{node.pk}/worklist/").content.decode()
    today = browser.get(f"/worklist/devices/{node.pk}/worklist/?day=today").content.decode()
    assert "Nothing on it" in today


def test_looking_as_a_device_is_no_sign_of_its_life(live_world: World, server: int) -> None:
    assert ask_as("CT1").fault == ""
    assert [one.detail.get("preview") for one in contacts(1)] == [True]
    assert live_world.node().last_seen_at is None
    Scanner("CT1", "ISOCENTER", server).find(identifier({}))
    assert [one.detail.get("preview") for one in contacts(2)] == [True, None]
    assert live_world.node().last_seen_at is not None
    page = Browser(live_world.siteadmin).get(f"/worklist/devices/{live_world.node().pk}/").content.decode()
    assert page.count("Preview on this page") == 1


def test_a_device_that_is_switched_off_is_refused_in_words(live_world: World, server: int) -> None:
    Node.objects.filter(ae_title="CT1").update(active=False)
    assert "refuses this device" in ask_as("CT1").fault


def test_without_the_server_the_page_says_so(live_world: World, settings: Settings) -> None:
    settings.DICOM_SCP_PORT = free_port()
    answer = Browser(live_world.siteadmin).get(f"/worklist/devices/{live_world.node().pk}/worklist/")
    assert answer.status_code == 200
    assert NO_SERVER in answer.content.decode()
