"""Frames and metadata through the RIS, beside Orthanc's own WADO-RS asked directly in the same run."""

from __future__ import annotations

import shutil
import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests

from ris.dicom.orthanc.process import OrthancProcess
from tests.bench import viewer_rig
from tests.bench.figures import Figure, Record
from tests.bench.viewer_rig import WADO, Load, Web
from tests.viewer.hospital import ROOT, Exam, exam
from tests.world import World

SLICES, SIDE, ROUNDS, AGAIN = 600, 512, 5, 4
FRAMES = 300
ORTHANC = "orthanc wado-rs"


@dataclass(frozen=True, slots=True)
class Bench:
    """A large study and a small one of a radiologist, and where they lie."""

    pacs: OrthancProcess
    large: Exam
    small: Exam
    cookies: dict[str, str]

    @property
    def frames(self) -> list[str]:
        return frames_of(self.large)[:FRAMES]

    def orthanc(self, times: int = 1) -> Load:
        """The same frames from Orthanc itself."""
        headers = {"Authorization": viewer_rig.basic(self.pacs), "Accept": WADO}
        targets = [frame.replace(ROOT, "/dicom-web") for frame in self.frames]
        return viewer_rig.hammer(self.pacs.options.http_port, targets * times, headers)

    def ours(self, port: int, times: int = 1) -> Load:
        return viewer_rig.hammer(port, self.frames * times, self.cookies | {"Accept": WADO})

    def warm(self, port: int) -> None:
        """What a process does only once is done with the other study."""
        viewer_rig.hammer(port, frames_of(self.small), self.cookies, 1)
        viewer_rig.hammer(port, frames_of(self.small) * 20, self.cookies)


def frames_of(one: Exam) -> list[str]:
    return [f"{one.path}/series/{one.series}/instances/{sop}/frames/1" for sop in one.instances]


@pytest.fixture
def bench(live_world: World) -> Iterator[Bench]:
    with viewer_rig.orthanc() as pacs:
        large = exam(live_world, live_world.north, live_world.clerk, "Large", slices=SLICES, side=SIDE)
        small = exam(live_world, live_world.north, live_world.clerk, "Small")
        yield Bench(pacs, large, small, viewer_rig.sign_in(live_world.radiologist))


def report(record: Record, case: str, ours: list[float], peer: list[float]) -> None:
    """Medians of interleaved rounds."""
    values = round(statistics.median(ours), 1), round(statistics.median(peer), 1)
    record.add(Figure("viewer", case, "frames_per_s", values[0], "/s", ORTHANC, values[1]))


def bench_frames_through_python(bench: Bench, record: Record, tmp_path: Path) -> None:
    cold, cached, peers_cold, peers_cached = [], [], [], []
    for number in range(ROUNDS):
        with viewer_rig.web(bench.pacs, tmp_path / f"web-{number}") as served:
            bench.warm(served.port)
            cold.append(bench.ours(served.port).per_second)
            peers_cold.append(bench.orthanc().per_second)
            cached.append(bench.ours(served.port, AGAIN).per_second)
            peers_cached.append(bench.orthanc().per_second)
        shutil.rmtree(tmp_path / f"web-{number}")
    report(record, "python-cold", cold, peers_cold)
    report(record, "python-cached", cached, peers_cached)


def bench_frames_through_nginx(bench: Bench, record: Record, tmp_path: Path) -> None:
    cold, cached, peers_cold, peers_cached = [], [], [], []
    for number in range(ROUNDS):
        with (
            viewer_rig.web(bench.pacs, tmp_path / f"web-{number}", "nginx") as served,
            viewer_rig.nginx(bench.pacs, served) as port,
        ):
            bench.warm(port)
            cold.append(bench.ours(port).per_second)
            peers_cold.append(bench.orthanc().per_second)
            cached.append(bench.ours(port, AGAIN).per_second)
            peers_cached.append(bench.orthanc().per_second)
        shutil.rmtree(tmp_path / f"web-{number}")
    report(record, "nginx-cold", cold, peers_cold)
    report(record, "nginx-cached", cached, peers_cached)


def bench_metadata_of_six_hundred_slices(bench: Bench, record: Record, tmp_path: Path) -> None:
    place = f"/series/{bench.large.series}/metadata"
    with viewer_rig.web(bench.pacs, tmp_path / "web") as served:
        bench.warm(served.port)
        first = metadata_ms(served, bench, place)
        ours, peers = [], []
        for _ in range(ROUNDS):
            peers.append(orthanc_metadata_ms(bench, place))
            ours.append(metadata_ms(served, bench, place))
    value, peer = round(statistics.median(ours), 2), round(statistics.median(peers), 2)
    record.add(Figure("viewer", "metadata-600", "metadata_ms", value, "ms", ORTHANC, peer))
    record.add(Figure("viewer", "metadata-600-first", "metadata_ms", round(first, 2), "ms", ORTHANC, peer))


def metadata_ms(served: Web, bench: Bench, place: str) -> float:
    url = f"http://127.0.0.1:{served.port}{bench.large.path}{place}"
    return took_ms(url, bench.cookies)


def orthanc_metadata_ms(bench: Bench, place: str) -> float:
    url = f"{bench.pacs.url}/dicom-web/studies/{bench.large.study}{place}"
    return took_ms(url, {"Authorization": viewer_rig.basic(bench.pacs)})


def took_ms(url: str, headers: dict[str, str]) -> float:
    """Asked as a browser does, which takes gzip, until all of it is there and unpacked."""
    began = time.perf_counter()
    answer = requests.get(url, headers=headers | {"Accept": "application/dicom+json"}, timeout=60)
    took = (time.perf_counter() - began) * 1000
    assert (answer.status_code, len(answer.json())) == (200, SLICES)
    return took
