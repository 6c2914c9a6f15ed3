"""The demo's receiver in a process of its own, with what a test does to it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.services.server import free_port

ROOT = Path(__file__).resolve().parents[4]
PATIENCE = 150.0


class Receiver:
    """`receive_hl7` on a port that stays its own through restarts; `journal` is what came, in order."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        self._process: subprocess.Popen[str] | None = None

    def start(self, *options: str) -> None:
        command = [sys.executable, "manage.py", "receive_hl7", "--port", str(self.port), "--folder", str(self.folder)]
        env = os.environ | {"SECRET_KEY": "test-only", "DJANGO_SETTINGS_MODULE": "ris.settings"}
        self._process = subprocess.Popen([*command, *options], cwd=ROOT, env=env, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        assert "listening" in self._process.stdout.readline()

    def send_signal(self, number: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(number)

    def kill(self) -> None:
        """As when its machine loses power."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None

    def again(self, *options: str) -> None:
        self.kill()
        self.start(*options)

    @property
    def journal(self) -> list[str]:
        """taken|repeated|refused, kind, number."""
        file = self.folder / "journal.txt"
        return file.read_text(encoding="utf-8").splitlines() if file.exists() else []

    def taken(self) -> list[str]:
        """The numbers of the messages that had an effect, in order."""
        return [line.split()[2] for line in self.journal if line.startswith("taken")]

    def body(self, number: str) -> bytes:
        return (self.folder / f"{number}.hl7").read_bytes()


@contextmanager
def receiver(folder: Path, *options: str) -> Iterator[Receiver]:
    made = Receiver(folder)
    made.start(*options)
    try:
        yield made
    finally:
        made.kill()


def eventually(what: object, seconds: float = PATIENCE) -> None:
    """Wait for `what()` to be true."""
    assert callable(what)
    until = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < until, "it did not happen"
        time.sleep(0.05)
