"""Upward calls that must be true at commit: declared below, registered above, called in the same transaction."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, ParamSpec

P = ParamSpec("P")


class Hook(Generic[P]):
    """A point where upper apps take part in a lower app's transaction; a listener may refuse by raising."""

    def __init__(self) -> None:
        self._listeners: dict[str, Callable[P, None]] = {}

    def register(self, name: str, listener: Callable[P, None]) -> None:
        self._listeners[name] = listener

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> None:
        for listener in list(self._listeners.values()):
            listener(*args, **kwargs)
