"""Where upper apps learn that a delivery gave up, or sets out again: in the transaction that says so."""

from __future__ import annotations

from ris.core.hooks import Hook
from ris.events.models import Delivery

# delivery_parked(delivery): it waits for a person now; `last_error` says why.
delivery_parked: Hook[[Delivery]] = Hook()
# delivery_resent(delivery): a person put it back into the queue.
delivery_resent: Hook[[Delivery]] = Hook()
