"""What large objects and greedy people cost: memory of the web process, and the wait of somebody else."""

from __future__ import annotations

import statistics
import threading
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests

from ris.dicom.archive import get_archive
from ris.dicom.orthanc.process import OrthancProcess
from tests.bench import viewer_rig
from tests.bench.figures import Figure, Record
from tests.viewer import objects
from tests.viewer.hospital import Exam, exam
from tests.world import World

SIDE, ROUNDS = 14_200, 5  # 16 bits a pixel: 403 MB


@dataclass(frozen=True, slots=True)
class Load:
    """A study whose last object is of 403 MB, and two who may see it."""

    pacs: OrthancProcess
    one: Exam
    large: str
    greedy: dict[str, str]
    other: dict[str, str]


@pytest.fixture
def load(live_world: World) -> Iterator[Load]:
    with viewer_rig.orthanc() as pacs:
        one = exam(live_world, live_world.north, live_world.clerk, "Large", slices=60, side=512)
        large = f"2.25.{uuid.uuid4().int}"
        assert get_archive().store([objects.image(one.place, one.series, large, 99, SIDE)]).stored == {large}
        yield Load(
            pacs, one, large, viewer_rig.sign_in(live_world.radiologist), viewer_rig.sign_in(live_world.resident)
        )


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


def growth_mb(load: Load, pid: int, port: int) -> float:
    """What the process held more than before, at most, while one object of 403 MB went out whole and as a frame."""
    place = f"{load.one.path}/series/{load.one.series}/instances/{load.large}"
    url = f"http://127.0.0.1:{port}"
    requests.get(f"{url}{load.one.first}/frames/1", headers=load.greedy, timeout=60)
    before = peak_mb(pid)
    for target in (place, f"{place}/frames/1"):
        with requests.get(url + target, headers=load.greedy, stream=True, timeout=300) as answer:
            assert answer.status_code == 200
            assert sum(map(len, answer.iter_content(1024 * 1024))) >= SIDE * SIDE * 2
    return round(peak_mb(pid) - before, 1)


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


def peak_mb(pid: int) -> float:
    """The most memory that a process ever held."""
    lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    return int(next(line for line in lines if line.startswith("VmHWM")).split()[1]) / 1024
