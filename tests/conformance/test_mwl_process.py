"""`run_dicom_scp` as it runs in the clinic: another process than the one that books."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.conformance.scanner import STEP, Scanner
from tests.conformance.scp_process import ROOT, environment, scp_process
from tests.worklist.mwl.samples import identifier
from tests.world import World

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.db]


def test_a_query_sees_what_another_process_booked_a_moment_before(live_world: World, tmp_path: Path) -> None:
    with scp_process(tmp_path) as (_process, port, _log):
        ct1 = Scanner("CT1", "ISOCENTER", port)
        assert ct1.find(identifier({}))[0] == []
        for number in range(1, 4):
            step = live_world.step()
            answers, _ = ct1.find(identifier({"ScheduledProcedureStepID": ""}))
            assert len(answers) == number
            assert answers[-1].ScheduledProcedureStepSequence[0].ScheduledProcedureStepID == step.sps_id
        assert len(ct1.findscu(f"{STEP}Modality=CT", "PatientName=")) == 3


def test_the_log_at_debug_level_holds_no_name(live_world: World, tmp_path: Path) -> None:
    live_world.step()
    with scp_process(tmp_path, LOG_LEVEL="DEBUG") as (_process, port, log):
        ct1 = Scanner("CT1", "ISOCENTER", port)
        assert len(ct1.find(identifier({}, PatientName="M*", PatientBirthDate=""))[0]) == 1
        assert len(ct1.findscu("PatientBirthDate=Møller", "PatientName=Møl*")) == 0
        for title in ("STRANGER", "Møller"):
            Scanner(title, "ISOCENTER", port).run_findscu("PatientName=")
        written = log.read_text(errors="replace")
    assert "association of STRANGER@127.0.0.1 rejected" in written
    for secret in ("øller", "ller", "Åse", "19610517"):
        assert secret not in written


# pynetdicom leaves the socket of a requestor whose peer has died to the garbage collector.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_termination_signal_stops_the_server_at_once_with_associations_open(
    live_world: World, tmp_path: Path
) -> None:
    with scp_process(tmp_path) as (process, port, _log):
        held = [Scanner("CT1", "ISOCENTER", port).association() for _ in range(5)]
        opened = [manager.__enter__() for manager in held]
        assert all(association.is_established for association in opened)
        begun = time.monotonic()
        process.terminate()
        assert process.wait(10) == 0
        assert time.monotonic() - begun < 8, "at once, not after the associations' own time-outs"
        for manager in held:
            manager.__exit__(None, None, None)


def test_a_busy_port_is_one_clear_sentence(live_world: World) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        run = subprocess.run(
            [sys.executable, str(ROOT / "manage.py"), "run_dicom_scp"],
            env=environment(port), capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
    assert run.returncode == 1
    assert f"Port {port} on 127.0.0.1 cannot be opened" in run.stderr
    assert "Traceback" not in run.stderr


def test_an_aborted_connection_in_the_middle_of_a_request_leaves_the_server_answering(
    live_world: World, tmp_path: Path
) -> None:
    live_world.step()
    with scp_process(tmp_path) as (_process, port, _log):
        for junk in (b"", b"\x01\x00\x00\x00", b"\x01\x00\xff\xff\xff\xff" + b"\0" * 64, b"GET / HTTP/1.1\r\n\r\n"):
            for _ in range(10):
                with socket.create_connection(("127.0.0.1", port)) as peer:
                    peer.sendall(junk)
        assert len(Scanner("CT1", "ISOCENTER", port).find(identifier({}))[0]) == 1
