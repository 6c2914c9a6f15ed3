"""The cache when Redis is there, and when it has gone: slower, never an error (DESIGN.md §5.11)."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

log = logging.getLogger(__name__)


def _or(fallback: Callable[..., object], method: Callable[..., Any]) -> Callable[..., Any]:
    """`method`, answering with `fallback(*its arguments)` when Redis does not answer."""

    @wraps(method)
    def answer(self: RedisCache, *args: Any, **kwargs: Any) -> Any:
        try:
            return method(self, *args, **kwargs)
        except RedisError as error:
            log.warning("cache %s without Redis (%s)", method.__name__, type(error).__name__)
            return fallback(*args, **kwargs)

    return answer


def _default(_key: str, default: Any = None, *_args: Any, **_kwargs: Any) -> Any:
    return default


def _delta(_key: str, delta: int = 1, *_args: Any, **_kwargs: Any) -> int:
    return delta


def _all_failed(values: dict[str, Any], *_args: Any, **_kwargs: Any) -> list[str]:
    return list(values)


class ForgivingRedisCache(RedisCache):
    """Django's Redis cache; while Redis is away every look-up is a miss and every write is dropped."""

    get = _or(_default, RedisCache.get)
    get_many = _or(lambda *_, **__: {}, RedisCache.get_many)
    add = _or(lambda *_, **__: True, RedisCache.add)  # as if the key was free: what it guards must hold without it
    set = _or(lambda *_, **__: None, RedisCache.set)
    set_many = _or(_all_failed, RedisCache.set_many)
    touch = _or(lambda *_, **__: False, RedisCache.touch)
    delete = _or(lambda *_, **__: False, RedisCache.delete)
    delete_many = _or(lambda *_, **__: None, RedisCache.delete_many)
    has_key = _or(lambda *_, **__: False, RedisCache.has_key)
    incr = _or(_delta, RedisCache.incr)
    clear = _or(lambda *_, **__: False, RedisCache.clear)
