"""The servers of a test run are real, private, and gone afterwards."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import psycopg
import pytest
import redis

from tests.services.postgres import postgres_server
from tests.services.redis import redis_server
from tests.services.server import ServerFailedError, free_port, running
from tests.services.suite import verdict


def test_postgresql_takes_the_extension_that_guards_bookings_and_ends_with_its_block() -> None:
    with postgres_server() as url:
        with psycopg.connect(url) as connection:
            connection.execute("CREATE EXTENSION btree_gist")
            row = connection.execute("SHOW server_encoding").fetchone()
            assert row == ("UTF8",)
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(url.replace("isocenter:", "isocenter:wrong", 1))
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(url, connect_timeout=2)


def test_redis_asks_for_its_password_and_ends_with_its_block() -> None:
    with redis_server() as url:
        with redis.Redis.from_url(url) as client:
            assert client.set("a", "1")
        wrong = url.replace("redis://:", "redis://:wrong")
        with redis.Redis.from_url(wrong) as stranger, pytest.raises(redis.AuthenticationError):
            stranger.ping()
    with redis.Redis.from_url(url) as client, pytest.raises(redis.ConnectionError):
        client.ping()


def test_a_server_that_does_not_start_shows_the_end_of_its_log(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "print('no such cluster'); raise SystemExit(1)"]
    with (
        pytest.raises(ServerFailedError, match="no such cluster"),
        running(command, log=tmp_path / "log", ready=lambda: False),
    ):
        os.abort()


def test_a_free_port_is_one_that_can_be_listened_on() -> None:
    assert 1024 <= free_port() <= 65535


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [(0, 0, 0), (1, 0, 1), (0, 1, 1), (0, 5, 0), (5, 0, 0), (5, 5, 5), (2, 1, 2), (-9, 0, -9)],
)
def test_the_suite_fails_when_one_of_its_two_runs_does(first: int, second: int, expected: int) -> None:
    assert verdict(first, second) == expected
