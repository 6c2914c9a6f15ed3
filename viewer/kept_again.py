"""Bodies on disk that nothing waits for: their process ended between keeping and telling. They get their delivery."""

from __future__ import annotations

import logging

from ris.core.actors import SystemActor
from ris.events.lifecycle import DELIVERY
from ris.events.models import Delivery
from viewer import actions, grants, kept, storing
from viewer.storing import RefusedError
from worklist.models import Study

log = logging.getLogger(__name__)

BY = SystemActor("delivery")
EVERY = 300.0  # seconds
# No request that keeps a body lasts so long: one this old has lost its process.
ABANDONED_SECONDS = 900.0
WAITING = DELIVERY.groups["open"] | DELIVERY.groups["stuck"]


def let_go(name: str) -> None:
    """Drop a body that was refused just now, unless the same came before and its delivery still waits."""
    if not _waits(name):
        kept.drop(name)


def take_up() -> int:
    """Queue each abandoned body for the archive; how many. One that nobody can read stays, and is named in the log."""
    return sum(_take_up(name) for name in kept.names(older_than=ABANDONED_SECONDS) if not _waits(name))


def _waits(name: str) -> bool:
    return Delivery.objects.filter(
        subscriber=actions.STORE_KEPT, state__in=WAITING, event__payload__sha256=name
    ).exists()


def _take_up(name: str) -> bool:
    try:
        one = storing.described(kept.read(name))
        study = Study.objects.get(study_instance_uid=one.study_instance_uid)
    except (KeyError, ValueError, RefusedError, Study.DoesNotExist) as error:
        log.error("the kept object %s cannot be queued for the archive: %s", name, type(error).__name__)
        return False
    actions.object_kept(grants.for_the_system(study), [one], sha256=name, by=BY)
    return True
