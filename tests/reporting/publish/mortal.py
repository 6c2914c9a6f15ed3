"""`manage.py run_deliveries` as processes that can be killed at any moment, each in no time after the one before.

Run as a program: each line on standard input, a JSON object of settings, is a life: a fork that runs `manage.py
run_deliveries` to its end, with connections, threads and leases of its own; its process id is the answer. What a start
costs (importing everything) is paid once, before the first life.
"""

from __future__ import annotations

import json
import os
import runpy
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.conformance.scp_process import ROOT, environment

PATIENCE = 60.0
LEASE = 2  # seconds until what a dead one held is taken over


class Mortals:
    """Workers by their process id."""

    def __init__(self, parent: subprocess.Popen[str], settings: Mapping[str, object]) -> None:
        self.parent, self.settings = parent, settings

    def start(self) -> int:
        assert self.parent.stdin
        assert self.parent.stdout
        self.parent.stdin.write(json.dumps(self.settings) + "\n")
        self.parent.stdin.flush()
        return int(self.parent.stdout.readline())

    def kill(self, pid: int) -> None:
        os.kill(pid, signal.SIGKILL)
        self.gone(pid)

    def stop(self, pid: int) -> None:
        os.kill(pid, signal.SIGTERM)
        self.gone(pid)

    def gone(self, pid: int) -> None:
        until = time.monotonic() + PATIENCE
        while Path(f"/proc/{pid}").exists():
            assert time.monotonic() < until, "it goes on"
            time.sleep(0.005)


@contextmanager
def mortals(log: Path, data: Path, settings: Mapping[str, object]) -> Iterator[Mortals]:
    """`data`: DATA_DIR of the test; `settings`: of the workers, such as the archive's address."""
    env = environment(0, ISOCENTER_TEST_DIR=str(data.parent), DELIVERY_LEASE_SECONDS=str(LEASE))
    command = [sys.executable, "-m", "tests.reporting.publish.mortal"]
    with log.open("ab") as output:
        parent = subprocess.Popen(
            command, cwd=ROOT, env=env, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=output
        )
    try:
        yield Mortals(parent, settings)
    finally:
        parent.communicate()  # the end of its input ends it, and those that still live


def main() -> None:
    import django

    django.setup()
    from reporting.actions import publish, select  # noqa: F401  once, and not in every life
    from reporting.sr import reading  # noqa: F401
    from ris.core import timers  # noqa: F401

    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the dead need no burial
    living = [live(json.loads(line)) for line in sys.stdin]
    for pid in living:
        if Path(f"/proc/{pid}").exists():
            os.kill(pid, signal.SIGKILL)


def live(wanted: Mapping[str, object]) -> int:
    """Begin a life; its process id, which is told."""
    pid = os.fork()
    if pid:
        print(pid, flush=True)  # noqa: T201  the answer
        return pid
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    from django.conf import settings

    for name, value in wanted.items():
        setattr(settings, name, value)
    os.dup2(os.open(os.devnull, os.O_RDWR), 0)
    os.dup2(2, 1)
    sys.argv = ["manage.py", "run_deliveries", "--interval", "0.2", "--skip-checks"]
    try:
        runpy.run_path(str(ROOT / "manage.py"), run_name="__main__")
    finally:
        os._exit(0)


if __name__ == "__main__":
    main()
