"""The one door to background work.

A task is a wake-up: the truth is a row in the database, and `run_deliveries` does what no worker did. Publishing
therefore never fails a request: a broker that is gone is logged and harmless (DESIGN.md §5.2).
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from celery import shared_task  # noqa: TID251  this module is the door
from django.db import transaction
from kombu.exceptions import OperationalError

log = logging.getLogger(__name__)


def task(name: str) -> Callable[[Callable[..., None]], Any]:
    """Declare background work: late acknowledgement, no result, redelivered when its worker dies."""
    return shared_task(name=name, acks_late=True, reject_on_worker_lost=True, ignore_result=True)


def wake(job: Any, *args: object) -> None:
    """Ask for `job(*args)` once the present transaction is committed."""
    transaction.on_commit(lambda: _publish(job, args), robust=True)


def _publish(job: Any, args: tuple[object, ...]) -> None:
    try:
        job.apply_async(args=args, retry=False)
    except (OperationalError, OSError) as error:
        log.warning("wake-up of %s not published (%s); the sweeper will do it", job.name, type(error).__name__)
