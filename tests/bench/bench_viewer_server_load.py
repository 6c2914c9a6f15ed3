"""What large objects and greedy people cost: memory of the web process, and the wait of somebody else."""

from __future__ import annotations

import statistics
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.bench import viewer_rig
from tests.bench.figures import Figure, Record
from tests.bench.memory import Load, growth_mb, loaded
from tests.world import World

ROUNDS = 5


@pytest.fixture
def load(live_world: World) -> Iterator[Load]:
    with loaded(live_world) as found:
        yield found


def bench_memory_while_four_hundred_megabytes_stream(load: Load, record: Record, tmp_path: Path) -> None:
    """The object whole and its frame, by Python and by nginx: how much more memory the web process ever held."""
    with viewer_rig.web(load.pacs, tmp_path / "web") as served:
        grown = growth_mb(load, served.pid, served.port)
    record.add(Figure("viewer", "stream-400MB", "memory_growth_mb", grown, "MB"))
    with (
        viewer_rig.web(load.pacs, tmp_path / "behind", pixels="nginx") as served,
        viewer_rig.nginx(load.pacs, served) as port,
    ):
        grown = growth_mb(load, served.pid, port)
    record.add(Figure("viewer", "stream-400MB-nginx", "memory_growth_mb", grown, "MB"))


def bench_another_person_beside_a_greedy_one(load: Load, record: Record, tmp_path: Path) -> None:
    """A frame for one person: alone, and while another asks over 24 connections without a pause."""
    frames = [f"{load.one.path}/series/{load.one.series}/instances/{sop}/frames/1" for sop in load.one.instances]
    with viewer_rig.web(load.pacs, tmp_path / "web") as served:
        wait_ms(served.port, frames, load.other)
        alone = [wait_ms(served.port, frames, load.other) for _ in range(ROUNDS)]
        greedy = threading.Thread(target=viewer_rig.hammer, args=(served.port, frames * 100, load.greedy, 24))
        greedy.start()
        time.sleep(1)
        beside: list[float] = []
        while greedy.is_alive() and len(beside) < ROUNDS:
            beside.append(wait_ms(served.port, frames, load.other))
        assert greedy.is_alive() or beside
        greedy.join()
    values = round(statistics.median(beside), 1), round(statistics.median(alone), 1)
    record.add(Figure("viewer", "beside-a-greedy-user", "frame_ms", values[0], "ms", "alone", values[1]))


def wait_ms(port: int, frames: list[str], who: dict[str, str]) -> float:
    """The median of ten frames, one after the other."""
    times = []
    for frame in frames[:10]:
        began = time.perf_counter()
        assert requests.get(f"http://127.0.0.1:{port}{frame}", headers=who, timeout=60).status_code == 200
        times.append((time.perf_counter() - began) * 1000)
    return statistics.median(times)
