from __future__ import annotations

from typing import Final

from ris.accounts.permissions import ROLE_PERMISSIONS
from ris.core.actors import Actor
from ris.core.errors import NotPermitted
from worklist.models import ReadingTask

READING_ROLES: Final = frozenset(role for role, held in ROLE_PERMISSIONS.items() if "report.write" in held)


def may_read(actor: Actor, task: ReadingTask) -> bool:
    return actor.may("report.write", task.site_id)


def require_read(actor: Actor, task: ReadingTask) -> None:
    if not may_read(actor, task):
        raise NotPermitted("Reading this case is for the residents and radiologists of its site.")


def may_assign(actor: Actor, task: ReadingTask) -> bool:
    """Hand out the site's cases."""
    return actor.may("reading.assign", task.site_id)


def require_assign(actor: Actor, task: ReadingTask, to: Actor | None) -> None:
    """Others are handed cases by those who may; one puts a case aside for oneself."""
    require_read(actor, task)
    if to is not None and to.id == actor.id:
        return
    if not may_assign(actor, task):
        raise NotPermitted("Handing cases to others is for the radiologists of the site.")


def require_reconcile(actor: Actor, site_id: int | None) -> None:
    if not actor.may("study.reconcile", site_id):
        raise NotPermitted("Linking studies is for technologists and radiologists of the site.")
