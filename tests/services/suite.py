"""`make test`: every test on SQLite, then what is marked `db` or `journey` on a PostgreSQL and a Redis of its own."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from types import FrameType

from tests.services.postgres import postgres_server
from tests.services.redis import redis_server
from tests.services.server import folder

PYTEST = (sys.executable, "-m", "pytest")
ON_SQLITE = ("-n", "auto", "--dist", "loadfile", "-m", "not soak")
WORKERS = 2
ON_SERVERS = ("-n", str(WORKERS), "--dist", "loadfile", "-m", "(db or journey) and not soak")
NO_TESTS = 5
INHERITED = (
    "ISOCENTER_TEST_DIR",
    "DATABASE_URL",
    "REDIS_URL",
    "CELERY_BROKER_URL",
    "ORTHANC_URL",
    "DATA_DIR",
    "DEMO",
    "DEBUG",
)


def main(arguments: Sequence[str]) -> int:
    """Run both; the exit code of the first that failed. A run that selects nothing counts only when both do."""
    signal.signal(signal.SIGTERM, _as_interrupt)
    env = {name: value for name, value in os.environ.items() if name not in INHERITED}
    say("every test, on SQLite")
    with scratch() as place:
        first = run([*PYTEST, *ON_SQLITE, *arguments], {**env, **place})
    say("the tests marked db and the journey, on PostgreSQL and Redis")
    with scratch() as place, own_servers() as urls:
        second = run([*PYTEST, *ON_SERVERS, *arguments], {**env, **place, **urls})
    return verdict(first, second)


@contextlib.contextmanager
def scratch() -> Iterator[Mapping[str, str]]:
    """A folder for the databases and files of one run, removed afterwards; yields the setting that names it."""
    with folder("test") as place:
        yield {"ISOCENTER_TEST_DIR": str(place)}


@contextlib.contextmanager
def own_servers() -> Iterator[Mapping[str, str]]:
    """Run the servers; yields the settings that name them.

    Each worker has a PostgreSQL of its own: transactions of one database are in the snapshots of all of its server, and
    the worklist waits for those that are under way.
    """
    with contextlib.ExitStack() as stack:
        urls = [stack.enter_context(postgres_server()) for _ in range(WORKERS)]
        of_workers = {f"DATABASE_URL_GW{number}": url for number, url in enumerate(urls)}
        yield {"DATABASE_URL": urls[0], "REDIS_URL": stack.enter_context(redis_server()), **of_workers}


def verdict(first: int, second: int) -> int:
    """One exit code for two runs of pytest."""
    if first == NO_TESTS and second == NO_TESTS:
        return NO_TESTS
    return next((code for code in (first, second) if code not in (0, NO_TESTS)), 0)


def run(command: Sequence[str], env: Mapping[str, str]) -> int:
    """The exit code of a command that shares our terminal; told to stop when we are."""
    with subprocess.Popen(command, env=env) as process:
        try:
            return process.wait()
        except KeyboardInterrupt:
            process.send_signal(signal.SIGINT)
            raise


def say(text: str) -> None:
    sys.stdout.write(f"\n== {text}\n")
    sys.stdout.flush()


def _as_interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
