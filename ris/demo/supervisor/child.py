"""One supervised process and everything it forks."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

LONGEST_LINE = 64 * 1024
MOST_READS = 16  # at a time: a flood from one child must not keep the supervisor from the others


@dataclass(frozen=True, slots=True)
class Program:
    """What to run: a name for its log lines, the command, its whole environment, its working directory."""

    name: str
    command: tuple[str, ...]
    env: Mapping[str, str]
    folder: Path


class Child:
    """A started Program: leader of its own session and process group, output through one pipe."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self._process = subprocess.Popen(
            program.command,
            env=dict(program.env),
            cwd=program.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self.pid = self._process.pid
        self.output = self._output_descriptor()
        self.silent = False
        self._unfinished = b""

    def _output_descriptor(self) -> int:
        if self._process.stdout is None:
            raise RuntimeError("a Popen with PIPE has a stdout")
        descriptor = self._process.stdout.fileno()
        os.set_blocking(descriptor, False)
        return descriptor

    def lines(self) -> list[str]:
        """What it has said since the last call, in whole lines; never waits. `silent` once it can say no more."""
        data = self._unfinished + self._read_available()
        *whole, self._unfinished = data.split(b"\n")
        if len(self._unfinished) > LONGEST_LINE:
            whole, self._unfinished = [*whole, self._unfinished], b""
        return [line.decode("utf-8", "replace").rstrip("\r") for line in whole]

    def _read_available(self) -> bytes:
        chunks: list[bytes] = []
        with suppress(BlockingIOError):
            while len(chunks) < MOST_READS:
                chunk = os.read(self.output, LONGEST_LINE)
                if not chunk:
                    self.silent = True
                    break
                chunks.append(chunk)
        return b"".join(chunks)

    def ask_to_stop(self) -> None:
        """SIGTERM to the leader: it knows best how to end its own children."""
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGTERM)

    def has_ended(self) -> bool:
        """Whether the leader has exited. It stays unreaped, so that its group's number cannot be given to others."""
        return os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None

    def finish(self) -> tuple[int, list[str]]:
        """End what is left of the group, reap the leader; returns its exit code and its last lines."""
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        code = self._process.wait()
        last = self.lines()
        if self._unfinished:
            last.append(self._unfinished.decode("utf-8", "replace"))
        if self._process.stdout is not None:
            self._process.stdout.close()
        return code, last
