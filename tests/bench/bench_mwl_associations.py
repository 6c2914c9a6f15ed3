"""What associations cost: four hundred that idle, and eight devices that associate, ask and release without pause."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path

import pytest

from tests.bench.figures import Figure, Record, median_ms
from tests.bench.mwl_client import Device
from tests.bench.mwl_identifier import day_identifier
from tests.bench.schedule import PER_DAY, fill
from tests.conformance.scp_process import ROOT, scp_process
from tests.services.worklists import orthanc_worklists, wlmscpfs
from tests.world import World
from worklist.elsewhere.exporting import Exporter

MONDAY = datetime(2027, 3, 1, 8)  # noqa: DTZ001  the site's zone is put in where it is used
DAY = f"{MONDAY:%Y%m%d}"
ENTRIES = 1_000
IDLE = 400
CLIENTS = 8
SECONDS = 3.0
RUNS = 5
LOOKED = 10.0
TICKS = os.sysconf("SC_CLK_TCK")

pytestmark = pytest.mark.django_db(transaction=True)


def bench_four_hundred_idle_associations(live_world: World, tmp_path: Path, record: Record) -> None:
    fill(live_world, ENTRIES, MONDAY)
    with scp_process(tmp_path) as (process, port, _log), ExitStack() as held:
        device = Device(port, "CT1", day_identifier(DAY, "CT1"))
        assert device.matches == PER_DAY
        for _ in range(IDLE):
            held.enter_context(device.opened())
        cpu = [cpu_percent(process.pid, LOOKED / RUNS) for _ in range(RUNS)]
        one_more = held.enter_context(device.opened())
        query = median_ms(lambda: device.ask(one_more))
        busy = median_ms(device.poll)
    record.add(Figure("mwl", f"idle={IDLE}", "cpu_percent", round(statistics.median(cpu), 2), "%"))
    record.add(Figure("mwl", f"idle={IDLE}", "query_ms", query, "ms"))
    record.add(Figure("mwl", f"idle={IDLE}", "association_ms", busy, "ms"))


def bench_eight_clients(live_world: World, tmp_path: Path, record: Record) -> None:
    fill(live_world, ENTRIES, MONDAY)
    with scp_process(tmp_path) as (_process, port, _log):
        ours = rate(port, "ISOCENTER")
    root = tmp_path / "worklists"
    assert Exporter(root, None, "ISO_IR 192").round().written == ENTRIES
    folder = root / live_world.north.code.upper()
    with wlmscpfs(root, tmp_path / "wlmscpfs.log") as port:
        dcmtk = rate(port, folder.name)
    with orthanc_worklists(folder, tmp_path / "orthanc") as port:
        orthanc = rate(port, "ORTHANC")
    for peer, value in (("orthanc-worklists", orthanc), ("wlmscpfs", dcmtk)):
        record.add(Figure("mwl", f"clients={CLIENTS}", "associations_per_s", ours, "1/s", peer, value))


def rate(port: int, called: str) -> float:
    """Associations a second, with a query of ten matches on each: the median of several runs."""
    return round(statistics.median(associations_per_s(port, called) for _ in range(RUNS)), 1)


def cpu_percent(pid: int, seconds: float) -> float:
    """Of one core, user and system, of a process that nobody asks anything."""
    begun, used = time.monotonic(), ticks(pid)
    time.sleep(seconds)
    return 100 * (ticks(pid) - used) / TICKS / (time.monotonic() - begun)


def ticks(pid: int) -> int:
    """utime + stime: fields 14 and 15 of /proc/<pid>/stat, counted behind the command in parentheses."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


def associations_per_s(port: int, called: str) -> float:
    """All the clients together, each in a process of its own."""
    with clients(port, called) as running:
        for client in running:
            assert client.stdin is not None
            client.stdin.write("go\n")
            client.stdin.flush()
        counts = [int(client.communicate(timeout=60)[0]) for client in running]
    assert all(client.returncode == 0 for client in running)
    return sum(counts) / SECONDS


@contextmanager
def clients(port: int, called: str) -> Iterator[list[subprocess.Popen[str]]]:
    """Started, and each told once what the answer is."""
    asked = day_identifier(DAY, "CT1").hex()
    command = [sys.executable, "-m", "tests.bench.mwl_client", str(port), str(SECONDS), "CT1", called, asked]
    with ExitStack() as stack:
        running = [
            stack.enter_context(subprocess.Popen(command, stdin=-1, stdout=-1, text=True, cwd=ROOT))
            for _ in range(CLIENTS)
        ]
        for client in running:
            assert client.stdout is not None
            assert client.stdout.readline() == "ready\n"
        yield running
