"""Killed between keeping and doing, and between commit and answer: nothing is lost and nothing is done twice."""

from __future__ import annotations

import contextlib
import sys
import time
from pathlib import Path

import pytest

from ris.hl7.incoming.record import InboundMessage
from ris.orders.models import IssuedAccession, Order
from ris.scheduling.models import ScheduledProcedureStep
from tests.conformance.scp_process import ROOT, environment
from tests.ris.hl7.incoming.hospital import Answer, a_sender, message, order, pid, send
from tests.ris.hl7.wire import line
from tests.services.server import accepts, free_port, running
from tests.world import World

PATIENCE = 120.0


def insist(port: int, raw: bytes) -> tuple[bytes, int]:
    """Send until somebody answers, as a sender does; the answer, and how often it was sent."""
    sent, until = 0, time.monotonic() + PATIENCE
    while time.monotonic() < until:
        with contextlib.suppress(OSError), line(port) as sender:
            sent += 1
            if answer := sender.ask(raw):
                return answer, sent
        time.sleep(0.02)
    raise AssertionError("nobody ever answered")


def hold_to_it(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, messages: int) -> None:
    a_sender(world.north)
    assert send("ADT^A04", pid()).code == "AA"
    port, issued = free_port(), IssuedAccession.objects.count()
    for name, value in environment(port).items():
        monkeypatch.setenv(name, value)
    command = [sys.executable, "-m", "tests.ris.hl7.mortal", str(port)]
    monkeypatch.chdir(ROOT)
    raws = {f"K{n}": message("ORM^O01", pid(), *order(placer=f"K{n}"), number=f"K{n}") for n in range(messages)}
    with running(command, log=tmp_path / "mortal.log", ready=lambda: accepts(port)):
        answers = {number: insist(port, raw) for number, raw in raws.items()}
        again = {number: insist(port, raw)[0] for number, raw in list(raws.items())[-3:]}
    assert {Answer(answer).code for answer, _sent in answers.values()} == {"AA"}
    assert {number: Answer(answer).message.first("MSA").text(2) for number, (answer, _) in answers.items()} == {
        number: number for number in raws
    }
    assert all(again[number] == answers[number][0] for number in again)
    assert sum(sent for _answer, sent in answers.values()) >= 3 * messages - 2
    assert sorted(Order.objects.values_list("placer_number", flat=True)) == sorted(raws)
    assert ScheduledProcedureStep.objects.count() == messages
    assert IssuedAccession.objects.count() - issued == messages
    assert set(InboundMessage.objects.values_list("state", flat=True)) == {"done"}


@pytest.mark.db
def test_thirty_messages_sent_until_answered_are_done_once_each(
    live_world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hold_to_it(live_world, tmp_path, monkeypatch, 30)


@pytest.mark.soak
def test_a_thousand_messages_sent_until_answered_are_done_once_each(
    live_world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hold_to_it(live_world, tmp_path, monkeypatch, 1000)
