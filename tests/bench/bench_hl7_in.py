"""HL7 coming in: orders taken a second, a burst of a minute, and how fast they are done; every process is real."""

from __future__ import annotations

import itertools
import json
import statistics
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.bench.figures import Figure, Record
from tests.e2e.system import System, wait_for
from tests.ris.hl7.incoming.hospital import Answer, message, order, pid
from tests.ris.hl7.wire import line

SENDERS, RATE, SECONDS, PEOPLE = 4, 100, 60, 200
TURNS, EACH = 5, 60
# How many of those that were taken are waited for: the drain is a rate, the rest would go on at the same.
FIRST = 300
PATIENCE = 600
PREPARE = """
import json
from ris.accounts.models import Site
from ris.hl7.incoming.record import Sender
from ris.orders.models import Procedure
values = {"name": "Bench", "charset": "UNICODE UTF-8", "registers_from_orders": True}
Sender.objects.get_or_create(application="BENCH", defaults={"site": Site.objects.first(), **values})
print(json.dumps(Procedure.objects.filter(active=True, paired=False).first().code))
"""
STANDING = """
import json, time
from ris.hl7.incoming.record import InboundMessage
rows = InboundMessage.objects.filter(control_id__startswith="{prefix}")
found = {{state: rows.filter(state=state).count() for state in ("received", "parked", "refused", "done")}}
print(json.dumps(found | {{"at": time.time()}}))
"""


@pytest.fixture(scope="module")
def system() -> Iterator[System]:
    with tempfile.TemporaryDirectory(prefix="isocenter-bench-") as place:
        made = System(Path(place), {})
        made.prepare()
        made.start("hl7", "hospital")
        wait_for(lambda: "HL7 over MLLP" in made.log("hl7"), "the listener", 120)
        yield made
        made.stop()


def run(system: System, code: str) -> Any:
    return json.loads(system.manage("shell", "--verbosity", "0", "--command", code).stdout)


def orders(prefix: str, code: str) -> Iterator[bytes]:
    """Orders for people who are registered by the first of theirs."""
    for place in itertools.count():
        who = pid(f"B{place % PEOPLE}", name=f"Bench^B{place % PEOPLE}")
        what = order(placer=f"{prefix}{place}", code=code)
        yield message("ORM^O01", who, *what, number=f"{prefix}{place}", application="BENCH")


def flat_out(port: int, raws: list[bytes]) -> float:
    """Messages a second of one sender that waits for each answer."""
    with line(port) as sender:
        began = time.monotonic()
        assert {Answer(sender.ask(raw)).code for raw in raws} == {"AA"}
        return len(raws) / (time.monotonic() - began)


def in_step(port: int, raws: list[bytes], began: float, apart: float) -> list[tuple[str, float, float]]:
    """Each at its time; its answer's code, how long that took, and how late it was sent."""
    found = []
    with line(port) as sender:
        for place, raw in enumerate(raws):
            due = began + place * apart
            time.sleep(max(0.0, due - time.monotonic()))
            sent = time.monotonic()
            code = Answer(sender.ask(raw)).code
            found.append((code, time.monotonic() - sent, sent - due))
    return found


def drain(system: System, prefix: str, first: int) -> tuple[int, float]:
    """How many of it were done in how many seconds, until at least so many were or none waits."""
    before = run(system, STANDING.format(prefix=prefix))
    while True:
        time.sleep(8)  # asking costs what doing costs
        now = run(system, STANDING.format(prefix=prefix))
        taken, done = now["at"] - before["at"], now["done"] - before["done"]
        if done >= first or not now["received"]:
            return done, taken
        assert taken < PATIENCE, now


def bench_orders_taken_a_second(record: Record, system: System) -> None:
    """The peer takes the same messages and writes nothing down: the hospital of the demo."""
    code, ours, bare = run(system, PREPARE), [], []
    port, peer = int(system.env["HL7_PORT"]), int(system.env["HL7_RECEIVER_PORT"])
    for turn in range(TURNS):
        raws = list(itertools.islice(orders(f"rate{turn}-", code), EACH))
        ours.append(flat_out(port, raws))
        bare.append(flat_out(peer, raws))
    record.add(Figure("hl7", "in, one sender", "messages_per_s", round(statistics.median(ours), 1), "1/s",
                      "the demo's receiver, which keeps nothing", round(statistics.median(bare), 1)))  # fmt: skip
    drain(system, "rate", TURNS * EACH)


def bench_a_burst_of_a_minute(record: Record, system: System) -> None:
    """100 orders a second for 60 s from four senders: each is answered AA; how fast the first are done afterwards."""
    code, port = run(system, PREPARE), int(system.env["HL7_PORT"])
    raws = list(itertools.islice(orders("burst-", code), RATE * SECONDS))
    began, apart = time.monotonic() + 0.5, SENDERS / RATE
    with ThreadPoolExecutor(SENDERS) as crowd:
        shares = [crowd.submit(in_step, port, raws[at::SENDERS], began + at / RATE, apart) for at in range(SENDERS)]
        answers = [one for share in shares for one in share.result()]
    took = time.monotonic() - began
    refused = sum(code != "AA" for code, _waited, _late in answers)
    case = "in, burst of 100/s for 60 s"
    record.add(Figure("hl7", case, "refused", refused, "messages"))
    record.add(Figure("hl7", case, "took_s", round(took, 1), "s"))
    waits = sorted(waited * 1000 for _code, waited, _late in answers)
    record.add(Figure("hl7", case, "answer_ms", round(statistics.median(waits), 1), "ms"))
    record.add(Figure("hl7", case, "slowest_answer_ms", round(waits[-1], 1), "ms"))
    record.add(Figure("hl7", case, "latest_sent_ms", round(max(late for *_, late in answers) * 1000, 1), "ms"))
    done, seconds = drain(system, "burst-", FIRST)
    case = f"in, the first {FIRST} or more done after that burst"
    record.add(Figure("hl7", case, "messages_per_s", round(done / seconds, 1), "1/s"))
    standing = run(system, STANDING.format(prefix="burst-"))
    assert (refused, standing["refused"], standing["parked"]) == (0, 0, 0)
    assert standing["received"] + standing["done"] == RATE * SECONDS, "none is lost"
