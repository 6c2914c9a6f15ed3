"""The targets of the Makefile: what each needs on the machine, and what it then runs."""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence

from deploy.setup import checks, debian, disk, places, venv, viewer
from deploy.setup.errors import SetupError

Command = Callable[[Sequence[str]], int]


def run(arguments: Sequence[str]) -> int:
    """Run one command of COMMANDS; a SetupError becomes one sentence on standard error and exit code 1."""
    if not arguments or arguments[0] not in COMMANDS:
        sys.stderr.write(f"Choose one of: {', '.join(COMMANDS)}.\n")
        return 2
    try:
        return COMMANDS[arguments[0]](arguments[1:])
    except SetupError as error:
        sys.stderr.write(f"{error}\n")
    except OSError as error:
        sys.stderr.write(f"Set-up could not go on: {error}.\n")
    except KeyboardInterrupt:
        sys.stderr.write("Stopped.\n")
    return 1


def prepare(packages: Sequence[str], requirements: tuple[str, ...]) -> None:
    """Disk, Debian packages and Python packages, in this order; one set-up at a time in this clone."""
    for folder in (places.VENV, places.BUILD, places.DATA):
        disk.require_space(folder)
    with alone():
        debian.require(packages)
        venv.require(requirements)


@contextlib.contextmanager
def alone() -> Iterator[None]:
    """Hold the clone's set-up lock, so that `make demo` and `make test` can be started together."""
    places.BUILD.mkdir(parents=True, exist_ok=True)
    with (places.BUILD / "setup.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def become(*command: str) -> int:
    """Go on as this command of the virtual environment: same process, so that signals reach it directly."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    os.chdir(places.ROOT)
    os.execv(places.PYTHON, [str(places.PYTHON), *command])  # noqa: S606  our own interpreter, our own arguments


def demo(_: Sequence[str]) -> int:
    own_archive = not os.environ.get("ORTHANC_URL")
    prepare((*debian.ORTHANC, *debian.FONTS) if own_archive else (), venv.RUNTIME)
    return become("-m", "ris.demo.supervisor", "run")


def demo_reset(_: Sequence[str]) -> int:
    prepare((), venv.RUNTIME)
    return become("-m", "ris.demo.supervisor", "reset")


def check(_: Sequence[str]) -> int:
    prepare((), venv.DEVELOPMENT)
    return checks.run_all()


def reformat(_: Sequence[str]) -> int:
    prepare((), venv.DEVELOPMENT)
    return checks.reformat()


def prepare_for_tests() -> None:
    """All that tests and benches run against: the archive, the oracles, the browser and the viewer."""
    prepare((*debian.ORTHANC, *debian.TESTING), venv.DEVELOPMENT)
    with alone():
        viewer.require()


def test(arguments: Sequence[str]) -> int:
    prepare_for_tests()
    return become("-m", "tests.services.suite", *arguments)


def soak(arguments: Sequence[str]) -> int:
    prepare_for_tests()
    return become("-m", "pytest", "-m", "soak or hypothesis", "--hypothesis-profile=soak", *arguments)


def bench(arguments: Sequence[str]) -> int:
    prepare_for_tests()
    return become("-m", "tests.bench", *arguments)


COMMANDS: dict[str, Command] = {
    "demo": demo,
    "demo-reset": demo_reset,
    "check": check,
    "format": reformat,
    "test": test,
    "soak": soak,
    "bench": bench,
}
