"""From Orthanc to the list: how long after a study is stable a reader sees it, and what a look at the feed costs."""

from __future__ import annotations

import io
import json
import statistics
import threading
import time
import urllib.request
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import requests

from ris.demo.supervisor import programs
from ris.dicom.archive import Archive, StudyQuery
from tests.bench.figures import Figure, Record, median_ms
from tests.e2e.clinic import Visitor
from tests.e2e.system import System, running_system, wait_for
from tests.ris.dicom.objects import ct, file_of
from tests.services.orthanc import Server
from tests.services.server import free_port

FEW, MANY = 1_000, 50_000
EXAMS, ROUNDS = 9, 15
BATCH = 2_500
# Longer than the age at which Orthanc calls a study stable.
QUIET = 8.0
EXAM = """
import json
from tests import exam
from tests.world import build_world
world = build_world()
rows = []
for number in range({count}):
    requested = world.requested(world.order(world.patient(f"Bench{{number}}")))
    exam.performed(world, requested)
    patient = requested.order.patient
    rows.append({{"AccessionNumber": requested.accession_number, "StudyInstanceUID": requested.study_instance_uid,
        "PatientID": patient.identifiers.get().value, "PatientName": patient.person_name,
        "PatientBirthDate": f"{{patient.birth_date:%Y%m%d}}", "PatientSex": patient.sex,
        "IssuerOfPatientID": patient.identifiers.get().issuer}})
print(json.dumps(rows))
"""


def bench_a_stable_study_is_seen(record: Record) -> None:
    """Every process is the real one; between Orthanc's hook and the RIS stands a door that lets only `StableStudy`
    pass and notes when it came, so that what is measured begins when Orthanc calls the study stable."""
    with running_system() as system, door(f"{system.address}/hooks/orthanc") as (url, stable):
        restart_orthanc(system, url)
        exams = json.loads(system.manage("shell", "--verbosity", "0", "--command", EXAM.format(count=EXAMS)).stdout)
        reader = Visitor(system.address, "radiologist")
        waited = [seen_after(system, reader, exam, stable) for exam in exams]
    times = [found for found in waited if found is not None]
    assert len(times) > EXAMS // 2, waited
    figure = round(statistics.median(times), 1)
    record.add(Figure("reading", "webhook", "stable_to_visible_ms", figure, "ms"))
    record.add(Figure("reading", "webhook, slowest of nine", "stable_to_visible_ms", round(max(times), 1), "ms"))


def restart_orthanc(system: System, url: str) -> None:
    """The system's own Orthanc again, telling somebody else."""
    system.kill("orthanc")
    program = next(one for one in programs.of(system.installation) if one.name == "orthanc")
    told = replace(program, env={**program.env, "ISOCENTER_HOOK_URL": url})
    system.processes["orthanc"] = system._run(told)
    wait_for(lambda: system.orthanc("/system") is not None, "Orthanc")


def seen_after(system: System, reader: Visitor, exam: dict[str, str], stable: list[float]) -> float | None:
    """Milliseconds from Orthanc's word to the row of the list; None when the feed's timer was there before the word."""
    before, page = len(stable), "/worklist/reading/rows/"
    image = file_of(ct(Modality="CT", **exam))
    auth = (system.env.get("ORTHANC_USERNAME", "isocenter"), system.secret("ORTHANC_PASSWORD"))
    requests.post(f"{system.env['ORTHANC_URL']}/instances", data=image, auth=auth, timeout=30).raise_for_status()
    until = time.monotonic() + 60
    while exam["AccessionNumber"] not in reader.get(page).text:
        assert time.monotonic() < until, "never seen"
        time.sleep(0.02)
    seen = time.monotonic()
    told = len(stable) > before
    wait_for(lambda: len(stable) > before, "Orthanc's word")
    return (seen - stable[-1]) * 1000 if told else None


@contextmanager
def door(behind: str) -> Iterator[tuple[str, list[float]]]:
    """Its address, and when each stable study was announced."""
    came: list[float] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body, now = self.rfile.read(int(self.headers["Content-Length"])), time.monotonic()
            status = 202
            if json.loads(body)["event"] == "StableStudy":
                came.append(now)
                headers = {name: self.headers[name] for name in ("Authorization", "Content-Type") if self.headers[name]}
                with urllib.request.urlopen(urllib.request.Request(behind, body, headers), timeout=10) as answer:
                    status = answer.status
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_words: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", free_port()), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/hook", came
    server.shutdown()
    server.server_close()


def bench_poll(record: Record, fresh_orthanc: Callable[..., Server]) -> None:
    """A quiet look at the change feed, and a question by accession number, at two archives in turn."""
    servers = {count: fresh_orthanc() for count in (FEW, MANY)}
    for count, server in servers.items():
        fill(server, count)
    archives = {count: server.archive() for count, server in servers.items()}
    ends = {count: quiet_end(archive) for count, archive in archives.items()}
    looks: dict[str, Callable[[int], object]] = {
        "poll_ms": lambda count: archives[count].changes(ends[count], 500),
        "qido_by_accession_ms": lambda count: archives[count].find_studies(StudyQuery(accession_number="B0000777")),
    }
    for metric, look in looks.items():
        times: dict[int, list[float]] = {count: [] for count in archives}
        for _ in range(ROUNDS):
            for count, found in times.items():
                found.append(median_ms(partial(look, count), 5))
        for count, found in times.items():
            case = f"orthanc studies={count}"
            record.add(Figure("reading", case, metric, round(statistics.median(found), 2), "ms"))


def quiet_end(archive: Archive) -> int:
    """Where the feed ends once Orthanc has told of everything that it was given: it tells of what is stable later."""
    end, since = 0, time.monotonic()
    while time.monotonic() - since < QUIET:
        last = int(archive.changes(10**9, 1).last)
        if last != end:
            end, since = last, time.monotonic()
        time.sleep(0.5)
    return end


def fill(server: Server, count: int) -> None:
    """Small studies of one image, many in a ZIP: the same file with other numbers of the same length."""
    image = ct(PatientID="P0000000", AccessionNumber="B0000000", StudyInstanceUID="2.25.70000000",
               SeriesInstanceUID="2.25.80000000", SOPInstanceUID="2.25.90000000")  # fmt: skip
    for name in ("PixelData", "Rows", "Columns"):
        if name in image:
            delattr(image, name)
    model = file_of(image)
    for first in range(0, count, BATCH):
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w") as files:
            for number in range(first, min(first + BATCH, count)):
                files.writestr(f"{number}.dcm", numbered(model, number))
        answer = requests.post(f"{server.url}/instances", data=archive.getvalue(), auth=server.credentials, timeout=300)
        answer.raise_for_status()
    assert len(server.archive().find_studies(StudyQuery(accession_number="B0000777"))) == 1


def numbered(model: bytes, number: int) -> bytes:
    for begin in (b"P", b"B", b"2.25.7", b"2.25.8", b"2.25.9"):
        model = model.replace(begin + b"0000000", begin + f"{number:07d}".encode())
    return model
