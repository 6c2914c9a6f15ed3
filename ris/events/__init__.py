"""The transactional outbox: `emit()` inside an action, `subscribe()` in AppConfig.ready()."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ris.events.registry import subscribe

if TYPE_CHECKING:
    from django.db import models

    from ris.core.actors import Actor

__all__ = ["emit", "subscribe"]


def emit(
    kind: str, target: models.Model | tuple[str, str], *, by: Actor, site_id: int | None = None, **ids: Any
) -> None:
    """Write the event and one delivery per subscriber, in the caller's transaction; wake the worker at commit."""
    from ris.events.outbox import write

    write(kind, target, by=by, site_id=site_id, ids=ids)
