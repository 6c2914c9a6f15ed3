"""How an order ends before its time, and how it follows its steps."""

from __future__ import annotations

from django.db import transaction

from ris import audit
from ris.core.actors import Actor
from ris.core.errors import InvalidInput
from ris.events import emit
from ris.orders import permissions
from ris.orders.hooks import order_cancelled, order_discontinued
from ris.orders.lifecycle import ORDER
from ris.orders.models import Order


@transaction.atomic
def cancel_order(order: Order, *, reason: str, by: Actor) -> Order:
    """Cancel an order on which nothing has been done; its bookings are freed.

    Raises NotPermitted, InvalidInput without a reason, TransitionError once a step was started.
    """
    order = locked(order)
    permissions.require_cancel(by, order)
    words = reason_given(reason, "cancel")
    ORDER.advance(order, "cancel", cancel_reason=words)
    order_cancelled(order, by)
    audit.record("order.cancelled", order, by=by, reason=words)
    emit("order.cancelled", order, by=by)
    return order


@transaction.atomic
def discontinue_order(order: Order, *, reason: str, by: Actor) -> Order:
    """Break off an order that has begun: what waits leaves the worklist, what was taken is still read.

    Raises NotPermitted, InvalidInput without a reason, TransitionError unless it is in progress.
    """
    order = locked(order)
    permissions.require_discontinue(by, order)
    words = reason_given(reason, "discontinue")
    ORDER.advance(order, "discontinue", cancel_reason=words)
    order_discontinued(order, by)
    audit.record("order.discontinued", order, by=by, reason=words)
    emit("order.discontinued", order, by=by)
    return order


def note_progress(order: Order, verb: str) -> None:
    """Part of a step's transaction: the order follows its steps where the table allows it."""
    fresh = Order.objects.select_for_update().get(pk=order.pk)
    if ORDER.allows(fresh, verb):
        ORDER.advance(fresh, verb)


def locked(order: Order) -> Order:
    """The order as it is now, held until the transaction ends."""
    return Order.objects.select_for_update(of=("self",)).select_related("site", "patient").get(pk=order.pk)


def reason_given(reason: str, verb: str) -> str:
    """The reason, trimmed to its column; raises InvalidInput when there is none."""
    if not reason.strip():
        raise InvalidInput(f"A reason is needed to {verb}.", fields={"reason": "Say why, in a few words."})
    return reason.strip()[:255]
