"""What was signed while worker, broker and archive are dead is archived after they return, exactly once."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.clinic import Visitor, read_and_sign
from tests.e2e.system import System, running_system, wait_for
from tests.services.server import free_port

pytestmark = pytest.mark.e2e


class Broker:
    """A Redis that the test may kill and start again on the same port."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.start()

    def start(self) -> None:
        command = [
            "redis-server",
            "--port",
            str(self.port),
            "--bind",
            "127.0.0.1",
            "--save",
            "",
            "--dir",
            str(self.folder),
        ]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, start_new_session=True)

    def kill(self) -> None:
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    one = Broker(tmp_path)
    yield one
    one.kill()


@pytest.fixture
def hospital(broker: Broker) -> Iterator[System]:
    with running_system(REDIS_URL=broker.url) as system:
        yield system


def documents_of(system: System, accession: str) -> list[str]:
    """The Encapsulated PDFs that Orthanc itself holds under an accession number."""
    found: list[str] = []
    for name in json.loads(system.orthanc("/series") or b"[]"):
        series = json.loads(system.orthanc(f"/series/{name}") or b"{}")
        study = json.loads(system.orthanc(f"/studies/{series['ParentStudy']}") or b"{}")
        if series["MainDicomTags"]["Modality"] == "DOC" and study["MainDicomTags"]["AccessionNumber"] == accession:
            found += series["Instances"]
    return found


def test_a_report_signed_in_the_dark_reaches_the_archive_once(hospital: System, broker: Broker) -> None:
    hospital.manage("simulate_modality", "--aet", "CT1", "--slices", "4", "--once")
    reader = Visitor(hospital.address, "radiologist")
    wait_for(lambda: 'data-task="' in reader.get("/worklist/reading/").text, "the case")
    listed = reader.get("/worklist/reading/").text
    (task,), (accession,) = re.findall(r'data-task="(\d+)"', listed), re.findall(r"N\d{9}", listed)

    hospital.kill("worker")
    hospital.kill("orthanc")
    broker.kill()
    signed = read_and_sign(reader, task)
    assert signed.status_code == 200
    assert "Final, version 1" in signed.text
    assert 'data-archive-state="pending"' in signed.text
    pdf = reader.get(re.findall(r'href="(/reports/versions/\d+/pdf/)"', signed.text)[0])
    assert pdf.content.startswith(b"%PDF-")

    broker.start()
    hospital.start("orthanc")
    hospital.start("worker")
    report = re.findall(r'data-report="(\d+)"', signed.text)[0]
    status = f"/reports/{report}/status/"
    wait_for(lambda: 'data-archive-state="archived"' in reader.get(status).text, "the archived copy", 120)
    assert len(documents_of(hospital, accession)) == 1
    assert len(hospital.rows("audit.AuditEvent", "id", action="report.archived")) == 1
    assert hospital.rows("events.Delivery", "id", state="parked") == []
