"""Five hundred devices that poll every minute, three times as often where they bunch: 25 associations a second.

Each poll is an association, a query and a release, counted from the moment when it was due: a server that lags is late
for all that follow. The short form is in the suite, ten minutes of it under `make soak`.
"""

from __future__ import annotations

import statistics
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ris.dicom.models import Node
from tests.bench.mwl_client import Device
from tests.bench.mwl_identifier import day_identifier
from tests.conformance.scp_process import scp_process
from tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)

DEVICES = 500
A_SECOND = 25
LATEST_MS = 500.0


def fleet(world: World) -> list[str]:
    titles = [f"DEV{number:03}" for number in range(DEVICES)]
    Node.objects.bulk_create(Node(site=world.north, name=title, ae_title=title, modality="CT") for title in titles)
    return titles


def polled(port: int, titles: list[str], seconds: int) -> list[float]:
    """Milliseconds from when each poll was due to its end; one that is refused or cut off fails the test.

    All of a second's polls are due at once: devices bunch.
    """
    devices = [Device(port, title, day_identifier("20270301", title)) for title in titles[: A_SECOND * seconds]]
    begun = time.monotonic() + 0.5

    def poll(number: int) -> float:
        due = begun + number // A_SECOND
        time.sleep(max(0.0, due - time.monotonic()))
        devices[number % len(devices)].poll()
        return (time.monotonic() - due) * 1000

    with ThreadPoolExecutor(A_SECOND) as pool:
        return list(pool.map(poll, range(A_SECOND * seconds)))


def check(world: World, folder: Path, seconds: int) -> None:
    titles = fleet(world)
    with scp_process(folder) as (_process, port, log):
        took = polled(port, titles, seconds)
        written = log.read_text(errors="replace")
    assert len(took) == A_SECOND * seconds
    assert statistics.quantiles(took, n=20)[-1] < LATEST_MS, sorted(took)[-20:]
    assert "rejected" not in written
    assert "ERROR" not in written


def test_a_bunch_of_devices_is_served_each_second(live_world: World, tmp_path: Path) -> None:
    check(live_world, tmp_path, 3)


@pytest.mark.soak
def test_five_hundred_devices_poll_for_ten_minutes(live_world: World, tmp_path: Path) -> None:
    check(live_world, tmp_path, 600)
