"""A Redis of the test run's own: in memory only, on a free port, behind a password."""

from __future__ import annotations

import contextlib
import secrets
import shutil
from collections.abc import Iterator

import redis

from tests.services.server import ServerFailedError, folder, free_port, running


@contextlib.contextmanager
def redis_server() -> Iterator[str]:
    """Run it; yields its REDIS_URL."""
    program = shutil.which("redis-server")
    if program is None:
        raise ServerFailedError("redis-server is missing: sudo apt-get install redis-server")
    port, password = free_port(), secrets.token_hex(16)
    url = f"redis://:{password}@127.0.0.1:{port}/0"
    listen = ["--port", str(port), "--bind", "127.0.0.1", "--requirepass", password]
    memory_only = ["--appendonly", "no", "--save", ""]
    with folder("redis") as place:
        command = [program, *listen, *memory_only, "--dir", str(place)]
        with running(command, log=place / "redis.log", ready=lambda: _answers(url)):
            yield url


def _answers(url: str) -> bool:
    with redis.Redis.from_url(url) as client, contextlib.suppress(redis.ConnectionError):
        return bool(client.ping())
    return False
