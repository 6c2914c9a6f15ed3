from __future__ import annotations

from ris.core.actors import Actor
from ris.core.errors import NotPermitted


def may_book(actor: Actor, site_id: int) -> bool:
    return actor.may("schedule.book", site_id)


def may_perform(actor: Actor, site_id: int) -> bool:
    return actor.may("step.perform", site_id)


def require_book(actor: Actor, site_id: int) -> None:
    if not may_book(actor, site_id):
        raise NotPermitted("Booking is for the clerks and technologists of this site.")


def may_overbook(actor: Actor, site_id: int) -> bool:
    return actor.may("schedule.overbook", site_id)


def may_manage(actor: Actor, site_id: int) -> bool:
    return actor.may("site.manage", site_id)


def require_overbook(actor: Actor, site_id: int) -> None:
    if not may_overbook(actor, site_id):
        raise NotPermitted("Overbooking is for the technologists, radiologists and administrators of this site.")


def require_manage(actor: Actor, site_id: int) -> None:
    if not may_manage(actor, site_id):
        raise NotPermitted("Hours, closures and holidays are for the administrators of this site.")


def require_perform(actor: Actor, site_id: int) -> None:
    if not may_perform(actor, site_id):
        raise NotPermitted("Starting and finishing an exam is for technologists and devices.")
