"""What a Celery worker does for the outbox."""

from __future__ import annotations

from ris.core.tasks import task


@task("events.deliver")
def deliver(delivery_id: int) -> None:
    """Run one delivery now, if nobody else does."""
    from ris.events.outbox import attempt

    attempt(delivery_id)


@task("events.sweep")
def sweep() -> None:
    """Run whatever is due, except what may be slow: that has its lanes."""
    from ris.events.outbox import attempt, own_due

    for pk in own_due():
        attempt(pk)
