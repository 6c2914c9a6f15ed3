"""The transactional outbox: `emit()` inside an action, `subscribe()` in AppConfig.ready()."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from ris.events.registry import subscribe

if TYPE_CHECKING:
    from django.db import models

    from ris.core.actors import Actor

__all__ = ["emit", "subscribe"]


def emit(
    kind: str,
    target: models.Model | tuple[str, str],
    *,
    by: Actor,
    site_id: int | None = None,
    after: timedelta = timedelta(0),
    **ids: Any,
) -> None:
    """Write the event and one delivery per subscriber, in the caller's transaction; wake the worker at commit.

    With `after` the deliveries become due that much later, and the sweeper runs them.
    """
    from ris.events.outbox import write

    write(kind, target, by=by, site_id=site_id, ids=ids, after=after)
