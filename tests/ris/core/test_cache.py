"""The Redis cache over a real Redis that goes away."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.cache import InvalidCacheBackendError

from ris.core.cache import ForgivingRedisCache
from tests.services.redis import redis_server
from tests.services.server import free_port


@pytest.fixture(scope="module")
def away() -> ForgivingRedisCache:
    """A cache whose Redis refuses connections."""
    return ForgivingRedisCache(f"redis://127.0.0.1:{free_port()}/0", {})


def test_it_remembers_while_redis_is_there_and_forgets_when_it_has_gone() -> None:
    with redis_server() as url:
        cache = ForgivingRedisCache(url, {})
        cache.set("room", "CT 1")
        assert cache.get("room") == "CT 1"
        assert not cache.add("room", "other")
        assert cache.incr_version("room") == 2
    assert cache.get("room", "nobody knows", version=2) == "nobody knows"
    cache.close()


@pytest.mark.parametrize(
    ("what", "answer"),
    [
        (lambda cache: cache.get("a"), None),
        (lambda cache: cache.get("a", 7), 7),
        (lambda cache: cache.get("a", default=7), 7),
        (lambda cache: cache.get_or_set("a", 7), 7),
        (lambda cache: cache.get_many(["a", "b"]), {}),
        (lambda cache: cache.add("a", 1), True),
        (lambda cache: cache.set("a", 1), None),
        (lambda cache: cache.set_many({"a": 1, "b": 2}), ["a", "b"]),
        (lambda cache: cache.touch("a"), False),
        (lambda cache: cache.delete("a"), False),
        (lambda cache: cache.delete_many(["a"]), None),
        (lambda cache: "a" in cache, False),
        (lambda cache: cache.incr("a"), 1),
        (lambda cache: cache.decr("a"), -1),
        (lambda cache: cache.clear(), False),
    ],
)
def test_without_redis_it_answers_as_if_it_were_empty(
    away: ForgivingRedisCache, what: Callable[[ForgivingRedisCache], Any], answer: object
) -> None:
    assert what(away) == answer


def test_a_wrong_setting_is_still_an_error() -> None:
    with pytest.raises((ValueError, InvalidCacheBackendError)):
        ForgivingRedisCache("nonsense://", {}).get("a")
