"""What a large object costs the web process while it passes through."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import requests

from ris.dicom.archive import get_archive
from ris.dicom.orthanc.process import OrthancProcess
from tests.bench import viewer_rig
from tests.viewer import objects
from tests.viewer.hospital import Exam, exam
from tests.world import World

SIDE = 14_200  # 16 bits a pixel: 403 MB


@dataclass(frozen=True, slots=True)
class Load:
    """A study whose last object is of 403 MB, and two who may see it."""

    pacs: OrthancProcess
    one: Exam
    large: str
    greedy: dict[str, str]
    other: dict[str, str]


@contextmanager
def loaded(world: World) -> Iterator[Load]:
    with viewer_rig.orthanc() as pacs:
        one = exam(world, world.north, world.clerk, "Large", slices=60, side=512)
        large = f"2.25.{uuid.uuid4().int}"
        assert get_archive().store([objects.image(one.place, one.series, large, 99, SIDE)]).stored == {large}
        yield Load(pacs, one, large, viewer_rig.sign_in(world.radiologist), viewer_rig.sign_in(world.resident))


def growth_mb(load: Load, pid: int, port: int) -> float:
    """What the process held more than before, at most, while one object of 403 MB went out whole and as a frame."""
    place = f"{load.one.path}/series/{load.one.series}/instances/{load.large}"
    url = f"http://127.0.0.1:{port}"
    requests.get(f"{url}{load.one.first}/frames/1", headers=load.greedy, timeout=60)
    before = _forget_the_peak(pid)
    for target in (place, f"{place}/frames/1"):
        with requests.get(url + target, headers=load.greedy, stream=True, timeout=300) as answer:
            assert answer.status_code == 200
            assert sum(map(len, answer.iter_content(1024 * 1024))) >= SIDE * SIDE * 2
    return round(_mb(pid, "VmHWM") - before, 1)


def _forget_the_peak(pid: int) -> float:
    """From now on the peak is that of what comes; answers what is held now. (man 5 proc, clear_refs)"""
    Path(f"/proc/{pid}/clear_refs").write_text("5", encoding="ascii")
    return _mb(pid, "VmRSS")


def _mb(pid: int, name: str) -> float:
    lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    return int(next(line for line in lines if line.startswith(name)).split()[1]) / 1024
