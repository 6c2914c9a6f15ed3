from __future__ import annotations

from ris.core.actors import Actor
from ris.core.errors import NotPermitted


def may_print(actor: Actor, site_id: int) -> bool:
    return actor.may("downtime.print", site_id)


def may_enter(actor: Actor, site_id: int) -> bool:
    return actor.may("downtime.enter", site_id)


def may_open_snapshot(actor: Actor, site_id: int) -> bool:
    return actor.may("downtime.snapshot", site_id)


def may_manage(actor: Actor, site_id: int) -> bool:
    return actor.may("site.manage", site_id)


def require_print(actor: Actor, site_id: int) -> None:
    if not may_print(actor, site_id):
        raise NotPermitted("Downtime forms are printed by the clerks, technologists and administrators of this site.")


def require_enter(actor: Actor, site_id: int) -> None:
    if not may_enter(actor, site_id):
        raise NotPermitted("Downtime forms are entered by the clerks and technologists of this site.")


def require_open_snapshot(actor: Actor, site_id: int) -> None:
    if not may_open_snapshot(actor, site_id):
        raise NotPermitted("The list for a downtime is for the clerks, technologists and administrators of this site.")


def require_manage(actor: Actor, site_id: int) -> None:
    if not may_manage(actor, site_id):
        raise NotPermitted("The passphrase is set by the administrators of this site.")
