"""Killed between keeping and doing, and between commit and answer: nothing is lost and nothing is done twice."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ris.hl7.incoming.record import InboundMessage
from ris.hl7.incoming.worker import COMMAND
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


def hold_to_it(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, messages: int, *, hurried: bool = False
) -> None:
    a_sender(world.north)
    assert send("ADT^A04", pid()).code == "AA"
    port, issued = free_port(), IssuedAccession.objects.count()
    for name, value in environment(port).items():
        monkeypatch.setenv(name, value)
    command = [sys.executable, "-m", "tests.ris.hl7.mortal", str(port), *(["hurried"] if hurried else [])]
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
    assert {number: sent for number, (_answer, sent) in answers.items() if sent < 3} == {}, "each is sent three times"
    if hurried:
        work_off_in_processes_that_are_killed(tmp_path, messages)
    assert sorted(Order.objects.values_list("placer_number", flat=True)) == sorted(raws)
    assert ScheduledProcedureStep.objects.count() == messages
    assert IssuedAccession.objects.count() - issued == messages
    assert set(InboundMessage.objects.values_list("state", flat=True)) == {"done"}


def work_off_in_processes_that_are_killed(tmp_path: Path, messages: int) -> None:
    """The worker, killed when a third is done; then another, which is told to end by the end of its input."""
    assert not Order.objects.exists(), "they were only taken"
    done = InboundMessage.objects.filter(state="done", kind="ORM^O01")
    for enough in (messages // 3, messages):
        with (tmp_path / "worker.log").open("ab") as log:
            worker = subprocess.Popen([*COMMAND], stdin=subprocess.PIPE, cwd=ROOT, stdout=log, stderr=log)
        until = time.monotonic() + PATIENCE + messages
        while done.count() < enough:
            assert time.monotonic() < until, (tmp_path / "worker.log").read_text()
            time.sleep(0.02)
        if enough < messages:
            worker.kill()
        worker.communicate()
    assert worker.returncode == 0


@pytest.mark.db
def test_messages_sent_until_answered_are_done_once_each(
    live_world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hold_to_it(live_world, tmp_path, monkeypatch, 12)


@pytest.mark.db
def test_messages_of_a_burst_that_were_only_taken_are_done_once_each(
    live_world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hold_to_it(live_world, tmp_path, monkeypatch, 12, hurried=True)


@pytest.mark.soak
def test_a_thousand_messages_sent_until_answered_are_done_once_each(
    live_world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hold_to_it(live_world, tmp_path, monkeypatch, 1000)


@pytest.mark.soak
def test_a_thousand_messages_of_a_burst_are_done_once_each(
    live_world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hold_to_it(live_world, tmp_path, monkeypatch, 1000, hurried=True)
