"""A supervisor as a process of its own, over programs that a test writes in a few lines of Python.

As a module it is the supervisor: `python -m tests.ris.demo.supervisor.supervised NAME CODE [NAME CODE ...]`.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from ris.demo.supervisor import guard
from ris.demo.supervisor.child import Program
from ris.demo.supervisor.console import Console
from ris.demo.supervisor.supervision import Supervisor

ROOT = Path(__file__).resolve().parents[4]
PATIENCE = 20.0


class Supervised:
    """The running supervisor: its process, and what it has printed so far."""

    def __init__(self, process: subprocess.Popen[bytes], log: Path) -> None:
        self.process = process
        self._log = log

    def printed(self) -> str:
        return self._log.read_text(encoding="utf-8")

    def send(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def ended_with(self) -> int:
        return self.process.wait(PATIENCE)


@contextmanager
def supervised(folder: Path, programs: dict[str, str]) -> Iterator[Supervised]:
    """Supervise `{name: Python code}`; the programs' working directory is `folder`."""
    words = [word for program in programs.items() for word in program]
    command = [sys.executable, "-m", "tests.ris.demo.supervisor.supervised", str(folder), *words]
    with logged_process(folder, command) as running:
        yield running


@contextmanager
def logged_process(folder: Path, command: list[str], env: dict[str, str] | None = None) -> Iterator[Supervised]:
    """Run any command from the root of the clone, its output in a file, and end it when the block ends."""
    log = folder / "printed.log"
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, cwd=ROOT, env=env)
    try:
        yield Supervised(process, log)
    finally:
        process.terminate()
        process.wait(PATIENCE)


def eventually(true: Callable[[], bool]) -> bool:
    """Whether it becomes true before a test's patience ends."""
    deadline = time.monotonic() + PATIENCE
    while not true():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def pid_in(file: Path) -> int:
    """The process id that a program has written into a file, once it has."""
    assert eventually(lambda: file.exists() and file.read_text().endswith("\n")), f"{file.name} was never written"
    return int(file.read_text())


def alive(pid: int) -> bool:
    """Whether the process runs; a zombie does not."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except FileNotFoundError:
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"


def main(folder: str, *words: str) -> None:
    pairs = zip(words[::2], words[1::2], strict=True)
    programs = [Program(name, (sys.executable, "-u", "-c", code), os.environ, Path(folder)) for name, code in pairs]
    guard.split()
    supervisor = Supervisor(Console())
    try:
        supervisor.keep(programs, lambda: None)
    finally:
        supervisor.stop()


if __name__ == "__main__":
    main(*sys.argv[1:])
