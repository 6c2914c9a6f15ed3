"""`manage.py run_mllp` as its own process: what it serves, what it writes down, how it ends."""

from __future__ import annotations

import signal
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ris.hl7.incoming.record import InboundMessage, Sender
from ris.orders.models import Order
from ris.patients.models import Patient
from tests.conformance.scp_process import ROOT, environment
from tests.ris.hl7.incoming.hospital import Answer, a_sender, kept, message, order, pid
from tests.ris.hl7.wire import line
from tests.services.server import free_port, running
from tests.world import World

NAMES = ("Møller", "ller", "Åse", "19610517", "Haemoptysis", "Referrer", "P100")


def command() -> list[str]:
    return [sys.executable, str(ROOT / "manage.py"), "run_mllp"]


def settle_in(monkeypatch: pytest.MonkeyPatch, **more: str) -> int:
    port = free_port()
    values = environment(port) | {"HL7_PORT": str(port), "LOG_LEVEL": "DEBUG"} | more
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    return port


@pytest.mark.db
def test_it_serves_two_ports_writes_no_names_down_and_ends_when_told(
    live_world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_sender(live_world.north)
    other, log = free_port(), tmp_path / "mllp.log"
    port = settle_in(monkeypatch, HL7_LISTEN=f"127.0.0.1:{other}")
    with running(command(), log=log, ready=lambda: f"port {other}" in log.read_text()) as process:
        with line(port) as one, line(other) as two:
            assert Answer(one.ask(message("ADT^A04", pid()))).code == "AA"
            assert Answer(two.ask(message("ORM^O01", pid(), *order(why="Haemoptysis")))).code == "AA"
            assert Answer(two.ask(message("ORM^O01", pid(), *order("CA")))).code == "AA"
            assert Answer(one.ask(message("ADT^A04", pid("P100*", sex="Møller")))).code == "AE"
            assert Answer(one.ask(message("ADT^A08", pid("unknown")))).code == "AA"
            assert Answer(one.ask("PID|Møller^Åse".encode())).code == "AR"
            one.put("Møller^Åse outside of any block".encode())
            assert Answer(one.get()).code == "AR"
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
    written = log.read_text()
    assert "HL7 over MLLP" in written
    assert [name for name in NAMES if name in written] == []
    assert Order.objects.get().state == "cancelled"


@pytest.mark.db
def test_the_same_message_on_many_connections_at_once_is_done_once(
    live_world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_sender(live_world.north)
    Sender.objects.update(registers_from_orders=True)
    log, port = tmp_path / "mllp.log", settle_in(monkeypatch)
    raw = message("ORM^O01", pid(), *order(), number="ONCE")

    def ask(_turn: int) -> bytes:
        with line(port) as sender:
            return sender.ask(raw)

    ready = running(command(), log=log, ready=lambda: f"port {port}" in log.read_text())
    with ready, ThreadPoolExecutor(8) as crowd:
        answers = set(crowd.map(ask, range(16)))
    assert {Answer(answer).message.first("MSA").text(2) for answer in answers} == {"ONCE"}
    assert {Answer(answer).code for answer in answers} == {"AA"}
    assert (Order.objects.count(), Patient.objects.count(), InboundMessage.objects.count()) == (1, 1, 1)
    assert kept("ONCE").state == "done"
