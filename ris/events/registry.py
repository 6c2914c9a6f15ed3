"""Who listens to which kind of event."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING

from ris.events.kinds import KINDS

if TYPE_CHECKING:
    from ris.events.models import Event

Handler = Callable[["Event"], None]
Names = Callable[[str, int | None], Iterable[str]]
Routed = Callable[..., None]
_handlers: dict[str, Handler] = {}
_routes: dict[str, tuple[Names, Routed]] = {}
_subscribers: dict[str, list[str]] = {}


def subscribe(kind: str, name: str, handler: Handler) -> None:
    """Let `handler(event)` do its work for every event of a kind.

    It runs outside the transaction of the fact, at least once; it must be able to run twice. It raises DeliveryError.
    One name has one handler, for all its kinds: a delivery is found again by its name alone.
    """
    if kind not in KINDS:
        raise ValueError(f"{kind!r} is not in ris/events/kinds.py")
    if _handlers.setdefault(name, handler) != handler:
        raise ValueError(f"{name!r} has another handler already")
    if name not in _subscribers.setdefault(kind, []):
        _subscribers[kind].append(name)


def route(prefix: str, names: Names, handler: Routed) -> None:
    """Subscribers that are rows and not code: `names(kind, site_id)` says which there are, each begins with `prefix`.

    `handler(event, name)` is held to what `subscribe` asks.
    """
    _routes[prefix] = (names, handler)


def subscribers_of(kind: str, site_id: int | None = None) -> list[str]:
    found = [name for names, _handler in _routes.values() for name in names(kind, site_id)]
    return [*_subscribers.get(kind, []), *found]


def is_routed(name: str) -> bool:
    """Whether a subscriber is a row."""
    return name.startswith(prefixes())


def prefixes() -> tuple[str, ...]:
    return tuple(_routes)


def handler_of(name: str) -> Handler | None:
    for prefix, (_names, handler) in _routes.items():
        if name.startswith(prefix):
            return partial(handler, name=name)
    return _handlers.get(name)
