"""Downloads that are broken off and readers who do not read: neither leaves anything behind, nor holds anybody up."""

from __future__ import annotations

import contextlib
import socket
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests

from ris.dicom.archive import get_archive
from tests.bench import viewer_rig
from tests.viewer import objects
from tests.viewer.hospital import Exam, exam
from tests.world import World
from viewer.turnstile import AT_ONCE

SIDE = 3000  # 18 MB: far more than the sockets between hold
BROKEN_OFF = 200
BYTES = 16_384
PATIENCE = 30.0


@dataclass(frozen=True, slots=True)
class Served:
    """The web server on a real Orthanc, a large object, and two who may see it."""

    web: viewer_rig.Web
    one: Exam
    large: str
    rita: dict[str, str]
    other: dict[str, str]

    def begin(self, path: str) -> socket.socket:
        """A download by Rita of which the first bytes were read."""
        line = socket.create_connection(("127.0.0.1", self.web.port), timeout=PATIENCE)
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BYTES)
        head = "".join(f"{name}: {value}\r\n" for name, value in self.rita.items())
        line.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{self.web.port}\r\n{head}\r\n".encode())
        assert line.recv(BYTES).startswith(b"HTTP/1.1 200 ")
        return line

    def frame(self, who: dict[str, str]) -> float:
        """Seconds until a small frame was there."""
        began = time.monotonic()
        url = f"http://127.0.0.1:{self.web.port}{self.one.first}/frames/1"
        assert requests.get(url, headers=who, timeout=PATIENCE).status_code == 200
        return time.monotonic() - began

    @property
    def open_files(self) -> int:
        return sum(1 for _ in Path(f"/proc/{self.web.pid}/fd").iterdir())

    @property
    def memory_mb(self) -> float:
        lines = Path(f"/proc/{self.web.pid}/status").read_text(encoding="ascii").splitlines()
        return int(next(line for line in lines if line.startswith("VmRSS")).split()[1]) / 1024


@pytest.fixture
def served(live_world: World, tmp_path: Path) -> Iterator[Served]:
    with viewer_rig.orthanc() as pacs:
        one = exam(live_world, live_world.north, live_world.clerk, "Large")
        large = f"2.25.{uuid.uuid4().int}"
        assert get_archive().store([objects.image(one.place, one.series, large, 99, SIDE)]).stored == {large}
        people = viewer_rig.sign_in(live_world.radiologist), viewer_rig.sign_in(live_world.resident)
        with viewer_rig.web(pacs, tmp_path / "web") as web:
            found = Served(web, one, f"{one.path}/series/{one.series}/instances/{large}", *people)
            found.frame(found.rita)
            yield found


def test_two_hundred_downloads_broken_off_leave_nothing_behind(served: Served) -> None:
    with contextlib.closing(served.begin(served.large)):
        pass
    files, memory = settled(served), served.memory_mb

    def break_off(number: int) -> None:
        with contextlib.closing(served.begin(served.large + ("/frames/1" if number % 2 else ""))) as line:
            if number % 3:
                line.shutdown(socket.SHUT_RDWR)

    with ThreadPoolExecutor(AT_ONCE) as people:
        list(people.map(break_off, range(BROKEN_OFF)))

    assert settled(served, files + 4) <= files + 4
    assert served.memory_mb < memory + 100
    assert all(served.frame(served.rita) < PATIENCE for _ in range(AT_ONCE + 1)), "each place was given back"


def test_who_does_not_read_holds_up_nobody_else(served: Served) -> None:
    with contextlib.ExitStack() as lines:
        for _ in range(AT_ONCE):
            lines.enter_context(contextlib.closing(served.begin(served.large)))
        time.sleep(1)
        assert served.frame(served.other) < PATIENCE
    assert served.frame(served.rita) < PATIENCE


def settled(served: Served, most: int = 0) -> int:
    """How many files and sockets the server holds open, once there are no more than `most` or none goes any more."""
    found, until = served.open_files, time.monotonic() + PATIENCE
    while time.monotonic() < until and found > most:
        time.sleep(0.5)
        before, found = found, served.open_files
        if not most and before == found:
            break
    return found
