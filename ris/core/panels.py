"""A panel of an upper app on a lower app's page: the registry through which it gets there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

Provider = Callable[..., Any]
_providers: dict[str, dict[str, Provider]] = defaultdict(dict)


@dataclass(frozen=True, slots=True)
class Card:
    """One thing on a home page that waits for its reader: how many, and where to go."""

    title: str
    count: int
    url: str
    hint: str = ""
    urgent: bool = False


@dataclass(frozen=True, slots=True)
class Panel:
    """A titled fragment: a template and what it needs."""

    title: str
    template: str
    context: dict[str, Any] = field(default_factory=dict)


def register(place: str, name: str, provider: Provider) -> None:
    """Let `provider(*args)` contribute to `place`; it returns a list of Card or Panel."""
    _providers[place][name] = provider


def collect(place: str, *args: object) -> list[Any]:
    """All that is registered for a place, in order of registration."""
    return [item for provider in _providers[place].values() for item in provider(*args)]
