"""HL7 going out: from the signature to the acknowledgement, messages a second, and a burst; every process is real."""

from __future__ import annotations

import json
import statistics
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.bench.figures import Figure, Record
from tests.e2e.system import System

ROUNDS = 9
PREPARE = """
import json, socket, time
from datetime import timedelta
from django.utils import timezone
from ris.events.models import Event
from ris.hl7.mllp.framing import wrap
from ris.hl7.outgoing.models import Destination, OutgoingMessage
place = Destination.objects.get()
event = Event.objects.order_by("pk").last()
BODY = ("MSH|^~\\\\&|ISOCENTER||HIS||20260101||ORM^O01^ORM_O01|{{number}}|P|2.5.1||||||UNICODE UTF-8\\r"
        "PID|1||{{number}}||Bench^Berta\\rORC|SC|||{{number}}||IP\\rOBR|1||{{number}}|CTCHEST^CT chest^99ISO\\r")
def write(prefix, count, at=0):
    now = timezone.now()
    rows = [OutgoingMessage(destination=place, event=event, kind="order", trigger="ORM^O01", subject=f"{{prefix}}{{n}}",
        patient_id=10_000_000 + n, control_id=f"{{prefix}}{{n}}", charset="UNICODE UTF-8", next_at=now,
        body=BODY.format(number=f"{{prefix}}{{n}}").encode()) for n in range(at, at + count)]
    OutgoingMessage.objects.bulk_create(rows)
def left(prefix):
    return OutgoingMessage.objects.filter(control_id__startswith=prefix).exclude(state="accepted").count()
def wait(prefix, seconds=300):
    until = time.monotonic() + seconds
    while left(prefix):
        assert time.monotonic() < until, left(prefix)
        time.sleep(0.02)
"""
SIGN = """
from tests import exam
from tests.world import build_world
world = build_world()
cases = [exam.case(world, world.requested(world.order(world.patient(f"Bench{{n}}")))) for n in range({rounds})]
for report in [exam.draft(world, task=task) for task in cases]:
    version = exam.sign(report, world.radiologist)
    rows = OutgoingMessage.objects.filter(kind="report", event__payload__version_id=version.pk, state="accepted")
    until = time.monotonic() + 60
    while not rows.exists():
        assert time.monotonic() < until
        time.sleep(0.02)
    found = rows.get()
    print(json.dumps((found.answered_at - found.event.at).total_seconds() * 1000))
"""
RATE = """
for turn in range(5):
    peer = socket.create_connection((place.host, place.port))
    began = time.monotonic()
    for n in range({count}):
        peer.sendall(wrap(BODY.format(number=f"bare{{turn}}-{{n}}").encode()))
        while b"\\x1c" not in peer.recv(4096):
            pass
    bare = {count} / (time.monotonic() - began)
    peer.close()
    write(f"rate{{turn}}-", {count})
    began = time.monotonic()
    wait(f"rate{{turn}}-")
    print(json.dumps([{count} / (time.monotonic() - began), bare]))
"""
BURST = """
began = time.monotonic()
for second in range({seconds}):
    write("burst-", 100, second * 100)
    time.sleep(max(0, began + second + 1 - time.monotonic()))
waiting = left("burst-")
wait("burst-")
rows = OutgoingMessage.objects.filter(control_id__startswith="burst-")
lag = max((row.answered_at - row.created_at).total_seconds() for row in rows)
print(json.dumps([rows.filter(answer_code="AA").count(), waiting, lag * 1000]))
"""


@pytest.fixture(scope="module")
def system() -> Iterator[System]:
    with tempfile.TemporaryDirectory(prefix="isocenter-bench-") as place:
        made = System(Path(place), {})
        made.prepare()
        made.start("deliveries", "hospital")
        yield made
        made.stop()


def run(system: System, code: str, **values: int) -> list[Any]:
    """What a script in the installation's shell prints, a JSON value a line."""
    done = system.manage("shell", "--verbosity", "0", "--command", (PREPARE + code).format(**values))
    return [json.loads(line) for line in done.stdout.splitlines()]


def bench_from_the_signature_to_the_acknowledgement(record: Record, system: System) -> None:
    times = run(system, SIGN, rounds=ROUNDS)
    record.add(Figure("hl7", "out", "sign_to_ack_ms", round(statistics.median(times), 1), "ms"))
    record.add(Figure("hl7", "out, slowest of nine", "sign_to_ack_ms", round(max(times), 1), "ms"))


def bench_messages_a_second(record: Record, system: System) -> None:
    """The peer sends the same messages to the same receiver without writing anything down."""
    rounds = run(system, RATE, count=300)
    ours, bare = (round(statistics.median(one[at] for one in rounds), 1) for at in (0, 1))
    record.add(Figure("hl7", "out", "messages_per_s", ours, "1/s", "a bare socket", bare))


def bench_a_burst_of_a_minute(record: Record, system: System) -> None:
    """100 messages a second for 60 s: each is acknowledged, none refused."""
    ((accepted, waiting, lag),) = run(system, BURST, seconds=60)
    assert accepted == 6000
    record.add(Figure("hl7", "out, burst of 100/s for 60 s", "accepted", accepted, "messages"))
    record.add(Figure("hl7", "out, burst of 100/s for 60 s", "waiting_at_the_end", waiting, "messages"))
    record.add(Figure("hl7", "out, burst of 100/s for 60 s", "slowest_ms", round(lag, 1), "ms"))
