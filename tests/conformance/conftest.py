"""A DICOM server of ours on a free port of loopback, and the scanners that speak with it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from pydicom import config as pydicom_config
from pynetdicom import _config as pynetdicom_config

from tests.conformance.scanner import Scanner
from tests.conformance.workflow import Hospital
from tests.ris.hl7.incoming.hospital import a_sender
from tests.ris.hl7.outgoing import destination
from tests.ris.hl7.outgoing.receiver import receiver
from tests.ris.hl7.wire import Line, line, listening
from tests.services.orthanc import Server
from tests.world import World
from worklist import scp as dicom


@pytest.fixture
def scp(live_world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, int]]:
    """(AE title, port) of a server that runs in threads of this process; nothing of it is left afterwards."""
    for name in ("LOG_REQUEST_IDENTIFIERS", "LOG_RESPONSE_IDENTIFIERS", "LOG_HANDLER_LEVEL"):
        monkeypatch.setattr(pynetdicom_config, name, getattr(pynetdicom_config, name))
    for name in ("reading_validation_mode", "writing_validation_mode"):
        monkeypatch.setattr(pydicom_config.settings, name, getattr(pydicom_config.settings, name))
    before = set(threading.enumerate())
    server = dicom.start(dicom.Address("ISOCENTER", "127.0.0.1", 0))
    yield "ISOCENTER", server.server_address[1]
    dicom.stop(server)
    for thread in set(threading.enumerate()) - before:
        thread.join(5)
        assert not thread.is_alive(), f"{thread.name} is left behind"


@pytest.fixture
def ct1(scp: tuple[str, int]) -> Scanner:
    return Scanner("CT1", *scp)


@pytest.fixture
def mr1(scp: tuple[str, int]) -> Scanner:
    return Scanner("MR1", *scp)


@pytest.fixture
def placer(live_world: World, scp: tuple[str, int]) -> Iterator[Line]:
    """A connection of the order placer, which is the scheduler too; devices are served beside it."""
    a_sender(live_world.north)
    with listening() as port, line(port) as found:
        yield found


@pytest.fixture
def hospital(live_world: World, tmp_path: Path) -> Iterator[Hospital]:
    """Who is told of orders, appointments and reports at the other end of a real socket."""
    with receiver(tmp_path) as found:
        yield Hospital(found, destination(live_world.north, port=found.port, pdf=False))


@pytest.fixture
def image_manager(orthanc: Server) -> Server:
    """The shared archive without the studies of other tests, which had the same accession numbers."""
    for study in requests.get(f"{orthanc.url}/studies", auth=orthanc.credentials, timeout=10).json():
        requests.delete(f"{orthanc.url}/studies/{study}", auth=orthanc.credentials, timeout=10).raise_for_status()
    return orthanc
