"""Messages that go out, and a real receiver in a process of its own."""

from __future__ import annotations

from typing import Any

from ris.accounts.models import Site
from ris.events.models import Delivery
from ris.hl7.er7 import Message, read
from ris.hl7.outgoing import queue, sending
from ris.hl7.outgoing.models import Destination, OutgoingMessage


def destination(site: Site, **changes: Any) -> Destination:
    """A system that is told everything, with the PDF."""
    values: dict[str, Any] = {
        "name": f"Hospital {Destination.objects.count() + 1}",
        "host": "127.0.0.1",
        "port": 9,
        "sending_facility": "NORTH",
        "receiving_application": "HIS",
        "receiving_facility": "CLINIC",
        "orders": True,
        "appointments": True,
        "pdf": True,
        "answer_seconds": 2,
    }
    return Destination.objects.create(site=site, **(values | changes))


def composed() -> None:
    """What happened so far is written into messages."""
    sending.write_due()
    parked = Delivery.objects.filter(subscriber=queue.COMPOSER, state="parked").values_list("last_error", flat=True)
    assert not list(parked)


def messages(kind: str = "", **about: Any) -> list[Message]:
    """All that were written, in the order in which they go."""
    composed()
    rows = OutgoingMessage.objects.filter(**({"kind": kind} if kind else {}), **about).order_by("event_id", "pk")
    return [read(bytes(row.body)) for row in rows]


def sent(where: Destination) -> int:
    """Send what is due now, in this thread; how many were answered."""
    composed()
    return sending.keep_sending(where.pk, lambda: False, idle=0)
