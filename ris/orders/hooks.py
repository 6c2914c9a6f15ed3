"""Where upper apps take part in an order's transaction."""

from __future__ import annotations

from ris.core.actors import Actor
from ris.core.hooks import Hook
from ris.orders.models import Order

# order_placed(order, by): the steps are planned, so that they can be booked.
order_placed: Hook[[Order, Actor]] = Hook()
# order_modified(order, by): reading tasks take over the priority.
order_modified: Hook[[Order, Actor]] = Hook()
# order_cancelled(order, by): steps, appointments and reading tasks follow; a listener may refuse.
order_cancelled: Hook[[Order, Actor]] = Hook()
# order_replaced(order, by): the old order; its steps and appointments go as at a cancellation.
order_replaced: Hook[[Order, Actor]] = Hook()
# order_discontinued(order, by): what waits is cancelled, what runs is broken off, what was taken is read.
order_discontinued: Hook[[Order, Actor]] = Hook()
