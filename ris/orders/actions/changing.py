"""Changing what was ordered: the same order modified, or another one in its place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db import transaction

from ris import audit
from ris.core.actors import Actor
from ris.core.errors import InvalidInput
from ris.events import emit
from ris.orders import permissions
from ris.orders.actions.ending import locked, reason_given
from ris.orders.actions.placing import OrderDetails, Sides, check_details, place_order
from ris.orders.hooks import order_modified, order_replaced
from ris.orders.lifecycle import ORDER
from ris.orders.models import Attachment, Order, Procedure, SafetyAnswer

VISIT = ("patient_class", "visit_number", "visit_issuer")
CHANGEABLE = ("priority", "reason", "clinical_question", "referrer_name", "wanted_from", *VISIT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Replacement:
    """What is ordered instead, and why. `sides` as for place_order."""

    procedures: Sequence[Procedure]
    details: OrderDetails
    reason: str
    sides: Sides


def details_of(order: Order, **changes: Any) -> OrderDetails:
    """The details as they are, with these changes; another name alone is nobody's of the directory."""
    kept = {name: getattr(order, name) for name in (*CHANGEABLE, "placer_number", "placer_issuer")} | changes
    same = kept["referrer_name"] == order.referrer_name
    return OrderDetails(**{"referrer": order.referrer if same else None} | kept)


@transaction.atomic
def modify_order(order: Order, *, details: OrderDetails, revision: int, by: Actor) -> Order:
    """Change priority, reason, question, referrer, visit or the wanted time of an order that is not finished.

    Nothing changed is no act.

    `revision` is the one the person saw. Raises NotPermitted, InvalidInput, TransitionError.
    """
    order = locked(order)
    permissions.require_modify(by, order)
    check_details(details, also={})
    if revision != order.revision:
        raise InvalidInput("Somebody changed this order meanwhile. Look at it again before you change it too.")
    changed = {
        name: [getattr(order, name), getattr(details, name)]
        for name in CHANGEABLE
        if getattr(order, name) != getattr(details, name)
    }
    if not changed and order.referrer == details.referrer:
        return order
    values = {name: new for name, (_old, new) in changed.items()}
    ORDER.advance(order, "modify", revision=order.revision + 1, referrer=details.referrer, **values)
    order_modified(order, by)
    audit.record("order.modified", order, by=by, changed={name: _told(pair) for name, pair in changed.items()})
    emit("order.modified", order, by=by)
    return order


def _told(pair: Sequence[Any]) -> list[Any]:
    return [value.isoformat() if isinstance(value, datetime) else value for value in pair]


def replace_order(order: Order, *, instead: Replacement, by: Actor) -> Order:
    """Place another order in the place of one that has not begun; returns the new one, which waits to be scheduled.

    Bookings of the old one are freed. Answers and papers go with it; overrides do not: they were for the old exam.
    Raises NotPermitted, InvalidInput, TransitionError.
    """
    (new,) = replace_by_several(order, instead=[instead], by=by)
    return new


@transaction.atomic
def replace_by_several(order: Order, *, instead: Sequence[Replacement], by: Actor) -> list[Order]:
    """Place one or more orders in the place of one: each as `replace_order` would, for the reason of the first."""
    order = locked(order)
    permissions.require_modify(by, order)
    words = reason_given(instead[0].reason, "replace")
    ORDER.advance(order, "replace", cancel_reason=words)
    order_replaced(order, by)
    new = [_placed_instead(order, one, words, by) for one in instead]
    numbers = ", ".join(one.filler_number for one in new)
    audit.record("order.replaced", order, by=by, reason=words, new=numbers)
    emit("order.replaced", order, by=by, new_order=new[0].pk, new_orders=[one.pk for one in new])
    return new


def _placed_instead(order: Order, instead: Replacement, words: str, by: Actor) -> Order:
    details = instead.details
    if not details.placer_number:
        details = replace(details, placer_number=order.placer_number, placer_issuer=order.placer_issuer)
    if not any(getattr(details, name) for name in VISIT):
        details = replace(details, **{name: getattr(order, name) for name in VISIT})
    new = place_order(
        order.patient, site=order.site, procedures=instead.procedures, details=details, by=by, sides=instead.sides
    )
    Order.objects.filter(pk=new.pk).update(replaces=order)
    new.replaces = order
    _hand_over(order, new)
    audit.record("order.replaces", new, by=by, reason=words, old=order.filler_number)
    return new


def _hand_over(old: Order, new: Order) -> None:
    for answer in SafetyAnswer.objects.filter(order=old, current=True):
        answer.pk, answer.order, answer.overridden_at = None, new, None
        answer.overridden_by_id = answer.overridden_by_name = answer.override_reason = ""
        answer.save(force_insert=True)
    for paper in Attachment.objects.filter(order=old, withdrawn_at__isnull=True):
        paper.pk, paper.order = None, new
        paper.save(force_insert=True)
