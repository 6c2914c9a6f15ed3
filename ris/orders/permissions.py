from __future__ import annotations

from ris.accounts.models import Site
from ris.core.actors import Actor
from ris.core.errors import NotPermitted
from ris.orders.models import Order


def may_place(actor: Actor, site: Site) -> bool:
    return actor.may("order.place", site.pk)


def may_cancel(actor: Actor, order: Order) -> bool:
    return actor.may("order.cancel", order.site_id)


def may_modify(actor: Actor, order: Order) -> bool:
    return actor.may("order.place", order.site_id)


def may_discontinue(actor: Actor, order: Order) -> bool:
    return actor.may("order.discontinue", order.site_id)


def may_answer(actor: Actor, order: Order) -> bool:
    return actor.may("order.answer", order.site_id)


def may_override(actor: Actor, order: Order) -> bool:
    return actor.may("order.override", order.site_id)


def may_protocol(actor: Actor, order: Order) -> bool:
    return actor.may("order.protocol", order.site_id)


def require_place(actor: Actor, site: Site) -> None:
    if not may_place(actor, site):
        raise NotPermitted(f"Ordering at {site} is for its clerks and radiologists.")


def require_cancel(actor: Actor, order: Order) -> None:
    if not may_cancel(actor, order):
        raise NotPermitted("Cancelling an order is for the clerks of its site.")


def require_modify(actor: Actor, order: Order) -> None:
    if not may_modify(actor, order):
        raise NotPermitted("Changing an order is for the clerks and radiologists of its site.")


def require_discontinue(actor: Actor, order: Order) -> None:
    if not may_discontinue(actor, order):
        raise NotPermitted("Breaking off an order is for the clerks, technologists and radiologists of its site.")


def require_answer(actor: Actor, order: Order) -> None:
    if not may_answer(actor, order):
        raise NotPermitted("Papers and answers are kept by the staff of the order's site.")


def require_override(actor: Actor, order: Order) -> None:
    if not may_override(actor, order):
        raise NotPermitted("Overriding a hard stop is for the radiologists of the order's site.")


def require_protocol(actor: Actor, order: Order) -> None:
    if not may_protocol(actor, order):
        raise NotPermitted("Protocolling is for the radiologists of the order's site.")
