"""The clock against a time server on a real socket: five minutes off, and nothing is signed."""

from __future__ import annotations

import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.core.cache import cache
from pytest_django import Settings

from reporting.models import Report, ReportVersion
from reporting.timekeeping import watch
from reporting.timekeeping.sntp import NoTime, offset
from ris.core.errors import Unavailable
from ris.core.panels import collect
from tests.exam import draft, sign
from tests.world import World

pytestmark = pytest.mark.usefixtures("nothing_known", "signing_key")
EPOCH_1900 = 2_208_988_800
ANSWER = 0x24  # version 4, mode 4


@pytest.fixture
def nothing_known(db: None) -> Iterator[None]:
    cache.delete(watch.KEY)
    yield
    cache.delete(watch.KEY)


def stamp(at: float) -> bytes:
    whole = int(at)
    return struct.pack("!II", (whole + EPOCH_1900) % 2**32, int((at - whole) * 2**32))


@contextmanager
def time_server(ahead: float = 0.0, *, first: int = ANSWER, stratum: int = 2, forget: bool = False) -> Iterator[str]:
    """A server whose clock is so many seconds ahead of ours; `forget`: it does not say what it answers to."""
    line = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    line.bind(("127.0.0.1", 0))

    def answer() -> None:
        question, sender = line.recvfrom(512)
        came = stamp(time.time() + ahead)
        asked = bytes(8) if forget else question[40:48]
        line.sendto(bytes([first, stratum, 0, 0xEC]) + bytes(20) + asked + came + stamp(time.time() + ahead), sender)

    thread = threading.Thread(target=answer, daemon=True)
    thread.start()
    try:
        yield f"127.0.0.1:{line.getsockname()[1]}"
    finally:
        thread.join(5)
        line.close()


def looked(settings: Settings, ahead: float) -> None:
    with time_server(ahead) as settings.NTP_SERVER:
        watch.look()


@pytest.mark.parametrize("ahead", [0.0, 360.0, -360.0, 2e9])
def test_the_difference_is_that_of_the_clocks(ahead: float) -> None:
    with time_server(ahead) as server:
        assert offset(server) == pytest.approx(-ahead, abs=1.0)


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ({"first": 0xE4}, "does not know the time"),
        ({"stratum": 0}, "does not know the time"),
        ({"first": 0x23}, "something else"),
        ({"forget": True}, "something else"),
    ],
)
def test_what_is_no_time_is_not_taken_for_one(answer: dict[str, int], why: str) -> None:
    with time_server(999.0, **answer) as server, pytest.raises(NoTime, match=why):  # type: ignore[arg-type]
        offset(server)


@pytest.mark.parametrize(("ahead", "words"), [(400.0, "7 min behind"), (-400.0, "7 min ahead")])
def test_nothing_is_signed_by_a_clock_that_is_more_than_five_minutes_off(
    world: World, settings: Settings, ahead: float, words: str
) -> None:
    report = draft(world)
    looked(settings, ahead)
    with pytest.raises(Unavailable, match="time server"):
        sign(report, world.radiologist)
    assert not ReportVersion.objects.exists()
    (card,) = [one for one in collect("home", world.admin) if one.title == "Clock of the server"]
    assert words in card.hint
    assert card.urgent
    looked(settings, 10.0)
    sign(report, world.radiologist)
    assert Report.objects.get().state == "final"
    assert not [one for one in collect("home", world.admin) if one.title == "Clock of the server"]


def test_a_silent_time_server_is_told_and_stops_nobody(world: World, settings: Settings) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        settings.NTP_SERVER = f"127.0.0.1:{taken.getsockname()[1]}"
        watch.look()
    (card,) = [one for one in collect("home", world.admin) if one.title == "Clock of the server"]
    assert "asked in vain" in card.hint
    assert not card.urgent
    assert [one for one in collect("deliveries", world.admin) if one.title == "Clock of the server"]
    assert sign(draft(world), world.radiologist).number == 1
