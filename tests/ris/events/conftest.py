"""A subscriber that does what the test tells it to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from django.utils import timezone

from ris.core.actors import SystemActor
from ris.events import emit, registry
from ris.events.models import Delivery, Event

KIND = "study.blocked"
SOMEBODY = SystemActor("matcher")


@dataclass
class Listener:
    """Keeps the ids of what it heard; `then` is what it does next."""

    heard: list[str] = field(default_factory=list)
    then: Callable[[Event], None] = lambda _event: None

    def __call__(self, event: Event) -> None:
        self.heard.append(event.target_id)
        self.then(event)


@pytest.fixture
def listener(monkeypatch: pytest.MonkeyPatch) -> Listener:
    """The only subscriber of a kind of event."""
    made = Listener()
    monkeypatch.setitem(registry._handlers, "test.listener", made)
    monkeypatch.setitem(registry._subscribers, KIND, ["test.listener"])
    return made


def told(target: str = "1", site_id: int | None = None) -> Delivery:
    """Something happened; its delivery to the listener."""
    emit(KIND, ("study", target), by=SOMEBODY, site_id=site_id)
    return Delivery.objects.select_related("event").get(event__target_id=target)


def make_due(delivery: Delivery) -> None:
    """As if its waiting time had passed."""
    Delivery.objects.filter(pk=delivery.pk).update(next_at=timezone.now())
