"""Who listens to which kind of event."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from ris.events.kinds import KINDS

if TYPE_CHECKING:
    from ris.events.models import Event

Handler = Callable[["Event"], None]
_handlers: dict[str, Handler] = {}
_subscribers: dict[str, list[str]] = {}


def subscribe(kind: str, name: str, handler: Handler) -> None:
    """Let `handler(event)` do its work for every event of a kind.

    It runs outside the transaction of the fact, at least once; it must be able to run twice. It raises DeliveryError.
    """
    if kind not in KINDS:
        raise ValueError(f"{kind!r} is not in ris/events/kinds.py")
    _handlers[name] = handler
    if name not in _subscribers.setdefault(kind, []):
        _subscribers[kind].append(name)


def subscribers_of(kind: str) -> list[str]:
    return _subscribers.get(kind, [])


def handler_of(name: str) -> Handler | None:
    return _handlers.get(name)
