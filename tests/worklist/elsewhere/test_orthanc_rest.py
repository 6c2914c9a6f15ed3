"""A contract test of the worklist REST interface of Orthanc 1.12.10 and later, after Orthanc's own documentation.

No such Orthanc can be installed where these tests run: a small server plays its part, so that what we send and how we
mend drift is certain, and how the real one behaves is not.
"""

from __future__ import annotations

import json
import threading
import uuid
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from ris.dicom.archive.errors import ArchiveError
from ris.dicom.archive.transport import Access
from ris.scheduling.actions import start_step
from tests.world import World
from worklist.elsewhere.exporting import Exporter
from worklist.elsewhere.folder import Tally
from worklist.elsewhere.orthanc import OrthancWorklists

pytestmark = pytest.mark.django_db


class Documented(ThreadingHTTPServer):
    """What Orthanc's book says of /worklists."""

    def __init__(self) -> None:
        self.worklists: dict[str, dict[str, Any]] = {}
        self.seen: list[str] = []
        super().__init__(("127.0.0.1", 0), Handler)


class Handler(BaseHTTPRequestHandler):
    server: Documented

    def do_GET(self) -> None:
        place, _, query = self.path.partition("?")
        self.server.seen.append(f"GET {self.path}")
        assert query == "format=Simplify"
        number = place.removeprefix("/worklists/")
        if number:
            self._answer(self.server.worklists[number])
        else:
            self._answer([{"ID": key, "Tags": held} for key, held in self.server.worklists.items()])

    def do_POST(self) -> None:
        assert self.path == "/worklists/create"
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        number = str(uuid.uuid4())
        self.server.worklists[number] = body["Tags"]
        self.server.seen.append("POST")
        self._answer({"ID": number, "Path": f"/worklists/{number}"})

    def do_DELETE(self) -> None:
        self.server.seen.append("DELETE")
        del self.server.worklists[self.path.removeprefix("/worklists/")]
        self._answer({})

    def log_message(self, *_: object) -> None:
        """Names would stand in the output of the tests."""

    def _answer(self, value: object) -> None:
        body = json.dumps(value).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture
def documented() -> Iterator[Documented]:
    server = Documented()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join(5)


def exporter(server: Documented) -> Exporter:
    return Exporter(None, OrthancWorklists(Access(f"http://127.0.0.1:{server.server_port}")), "ISO_IR 192")


def test_a_step_is_created_with_its_tags_and_deleted_when_it_begins(world: World, documented: Documented) -> None:
    step = world.step()
    places = exporter(documented)
    assert places.round() == Tally(1, 0)
    (held,) = documented.worklists.values()
    assert held["PatientName"] == "Møller^Åse"
    assert held["AccessionNumber"] == step.requested_procedure.accession_number
    assert held["SpecificCharacterSet"] == "ISO_IR 192"
    (item,) = held["ScheduledProcedureStepSequence"]
    assert (item["Modality"], item["ScheduledStationAETitle"], item["ScheduledProcedureStepID"]) == (
        "CT",
        "CT1",
        step.sps_id,
    )
    assert places.round() == Tally()
    start_step(step, by=world.technologist)
    assert places.round() == Tally(0, 1)
    assert documented.worklists == {}


def test_what_was_lost_or_left_by_another_process_is_put_right(world: World, documented: Documented) -> None:
    kept, begun = world.step(), world.step()
    places = exporter(documented)
    places.round()
    documented.worklists["by-hand"] = {"PatientName": "Theirs"}
    documented.worklists.pop(next(iter(documented.worklists)))
    assert places.round() == Tally(1, 0)
    start_step(begun, by=world.technologist)
    exporter(documented).round()  # as after a restart: what is ours is known by its step
    steps = [held["ScheduledProcedureStepSequence"][0]["ScheduledProcedureStepID"]
             for number, held in documented.worklists.items() if number != "by-hand"]  # fmt: skip
    assert steps == [kept.sps_id]
    assert documented.worklists["by-hand"] == {"PatientName": "Theirs"}


def test_an_orthanc_that_does_not_answer_is_an_error_in_our_words(world: World, documented: Documented) -> None:
    world.booking()
    places = exporter(documented)
    documented.shutdown()
    documented.server_close()
    with pytest.raises(ArchiveError):
        places.round()
