"""The supervisor over real processes: it restarts, it passes lines on, and it leaves nobody behind."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest

from tests.ris.demo.supervisor.supervised import Supervised, alive, eventually, pid_in, supervised

SLEEP = "import time; time.sleep(600)"
DEAF = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)"
# A program that forks twice: one child in its process group, one in a session of its own.
FAMILY = f"""
import os, pathlib, subprocess, sys
def write_down(name, pid):
    pathlib.Path(name).write_text(f"{{pid}}\\n")
def child(**how):
    return subprocess.Popen([sys.executable, "-c", "{SLEEP}"], **how).pid
write_down("in_group", child())
write_down("escaped", child(start_new_session=True))
write_down("leader", os.getpid())
{SLEEP}
"""
FAMILY_NAMES = ("leader", "in_group", "escaped")


def test_lines_come_out_under_the_name_of_their_program(tmp_path: Path) -> None:
    with supervised(tmp_path, {"web": f"print('one'); print('two'); {SLEEP}"}) as running:
        assert eventually(lambda: "web       | one\nweb       | two\n" in running.printed())


def test_a_program_that_closes_its_output_does_not_keep_the_supervisor_busy(tmp_path: Path) -> None:
    code = f"import os; print('last words'); os.close(1); os.close(2); {SLEEP}"
    with supervised(tmp_path, {"web": code}) as running:
        assert eventually(lambda: "last words" in running.printed())
        before = seconds_of_processor(supervisor_of(running))
        time.sleep(1)
        assert seconds_of_processor(supervisor_of(running)) - before < 0.3


def test_a_program_that_crashes_is_started_again(tmp_path: Path) -> None:
    with supervised(tmp_path, {"worker": "print('at work'); raise SystemExit(3)"}) as running:
        assert eventually(lambda: running.printed().count("worker    | at work") >= 2)
        assert "worker ended with exit code 3; starting it again in 1 s" in running.printed()
        assert eventually(lambda: "starting it again in 2 s" in running.printed())


def test_a_killed_program_is_started_again_without_what_it_had_forked(tmp_path: Path) -> None:
    with supervised(tmp_path, {"orthanc": FAMILY}) as running:
        leader, in_group, escaped = family(tmp_path)
        os.kill(leader, signal.SIGKILL)
        assert eventually(lambda: pid_in(tmp_path / "leader") not in (leader, 0))
        assert "orthanc was ended by SIGKILL" in running.printed()
        assert not alive(in_group)
        assert not alive(escaped)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_being_told_to_stop_leaves_no_process_behind(tmp_path: Path, number: signal.Signals) -> None:
    with supervised(tmp_path, {"worker": FAMILY, "web": SLEEP}) as running:
        pids = family(tmp_path)
        assert all(map(alive, pids))
        running.send(number)
        assert running.ended_with() == 0
        assert not any(map(alive, pids))


def test_a_supervisor_that_is_killed_outright_leaves_no_process_behind(tmp_path: Path) -> None:
    with supervised(tmp_path, {"worker": FAMILY}) as running:
        pids = family(tmp_path)
        os.kill(supervisor_of(running), signal.SIGKILL)
        assert running.ended_with() == 128 + signal.SIGKILL
        assert not any(map(alive, pids))


def test_a_guard_that_is_killed_outright_leaves_no_process_behind(tmp_path: Path) -> None:
    with supervised(tmp_path, {"worker": FAMILY}) as running:
        pids = [*family(tmp_path), supervisor_of(running)]
        running.send(signal.SIGKILL)
        assert eventually(lambda: not any(map(alive, pids)))


def test_a_second_request_does_not_wait_for_a_program_that_ignores_the_first(tmp_path: Path) -> None:
    with supervised(tmp_path, {"worker": f"{DEAF}\n{FAMILY}"}) as running:
        pids = family(tmp_path)
        running.send(signal.SIGINT)
        time.sleep(1)
        assert alive(pids[0])
        running.send(signal.SIGINT)
        assert running.ended_with() == 0
        assert not any(map(alive, pids))
        assert "worker did not stop by itself and is killed" in running.printed()


def family(folder: Path) -> list[int]:
    """The process ids of FAMILY: its leader, its child in the group, its child outside."""
    return [pid_in(folder / name) for name in FAMILY_NAMES]


def supervisor_of(running: Supervised) -> int:
    """The guard is the process that the test started; the supervisor is its only child."""
    return int(Path(f"/proc/{running.process.pid}/task/{running.process.pid}/children").read_text())


def seconds_of_processor(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
