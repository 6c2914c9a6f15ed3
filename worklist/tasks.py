"""What a Celery worker does for the reading list."""

from __future__ import annotations

from ris.core.tasks import task


@task("worklist.poll_archive")
def poll_archive() -> None:
    """Read the archive's change feed; it also runs as a timer of run_deliveries when nobody else did."""
    from worklist.subscribers import poll

    poll()
