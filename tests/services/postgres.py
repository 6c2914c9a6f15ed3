"""A PostgreSQL of the test run's own: a new cluster in a temporary folder, on a free port of loopback.

PostgreSQL refuses to run as root, so root hands the cluster to Debian's user `postgres`.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg

from tests.services.server import ServerFailedError, folder, free_port, running

OWNER = "isocenter"
SYSTEM_USER = "postgres"
DEBIAN_PROGRAMS = Path("/usr/lib/postgresql")
# Speed over safety: this cluster lives for one test run.
UNSAFE_BUT_FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=200")


@contextlib.contextmanager
def postgres_server() -> Iterator[str]:
    """Run it; yields the DATABASE_URL of an empty database whose owner may make others."""
    port, password = free_port(), secrets.token_hex(16)
    user = SYSTEM_USER if os.geteuid() == 0 else None
    with folder("postgres") as place:
        _make_cluster(place, password, user)
        settings = [f"port={port}", "listen_addresses=127.0.0.1", "unix_socket_directories=", *UNSAFE_BUT_FAST]
        options = [word for setting in settings for word in ("-c", setting)]
        command = [program("postgres"), "-D", str(place / "data"), *options]
        server = f"postgresql://{OWNER}:{password}@127.0.0.1:{port}"
        ready = lambda: _accepts(f"{server}/postgres")  # noqa: E731
        # SIGINT is PostgreSQL's fast shutdown: it does not wait for clients to leave
        with running(command, log=place / "postgres.log", ready=ready, user=user, stop=signal.SIGINT):
            yield _new_database(server)


def program(name: str) -> str:
    """The newest installed PostgreSQL's program; Debian keeps them off the PATH."""
    versions = sorted(DEBIAN_PROGRAMS.glob(f"*/bin/{name}"), key=lambda path: int(path.parts[-3]))
    found = str(versions[-1]) if versions else shutil.which(name)
    if found is None:
        raise ServerFailedError(f"PostgreSQL's {name} is missing: sudo apt-get install postgresql")
    return found


def _make_cluster(place: Path, password: str, user: str | None) -> None:
    secret = place / "password"
    secret.write_text(password, encoding="ascii")
    if user:
        shutil.chown(place, user, user)
        shutil.chown(secret, user, user)
    options = ["-U", OWNER, "--pwfile", str(secret), "--auth", "scram-sha-256", "--encoding", "UTF8", "--no-sync"]
    command = [program("initdb"), "-D", str(place / "data"), "--locale", "C.UTF-8", *options]
    groups: list[str] | None = [] if user else None
    made = subprocess.run(
        command, capture_output=True, text=True, check=False, cwd=place, user=user, group=user, extra_groups=groups
    )
    if made.returncode != 0:
        raise ServerFailedError(f"initdb failed:\n{made.stdout}{made.stderr}")


def _accepts(url: str) -> bool:
    with contextlib.suppress(psycopg.OperationalError), psycopg.connect(url, connect_timeout=2):
        return True
    return False


def _new_database(server: str) -> str:
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        connection.execute("CREATE DATABASE isocenter")
    return f"{server}/isocenter"
