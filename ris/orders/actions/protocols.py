"""Protocolling: a radiologist decides how an exam is done, or sends the order back."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone

from ris import audit
from ris.core.actors import Actor
from ris.core.errors import InvalidInput, TransitionError
from ris.core.texts import fault_of_text
from ris.orders import permissions
from ris.orders.actions.ending import locked, reason_given
from ris.orders.lifecycle import ORDER, PROTOCOL
from ris.orders.models import Order, Protocol

LONGEST = 4000


@transaction.atomic
def decide_protocol(protocol: Protocol, *, text: str, by: Actor) -> Protocol:
    """Approve, with the protocol that the technologist follows.

    Raises NotPermitted, InvalidInput without a text, TransitionError once the exam has begun.
    """
    order, protocol = _open(protocol)
    permissions.require_protocol(by, order)
    words = text.strip()
    fault = fault_of_text(words, longest=LONGEST) if words else "Say how the exam is to be done."
    if fault:
        raise InvalidInput("The protocol cannot be approved.", fields={"text": fault})
    PROTOCOL.advance(protocol, "approve", text=words, reason="", **_decision(by))
    audit.record("order.protocol-approved", order, by=by, procedure=_named(protocol), text=words[:500])
    return protocol


@transaction.atomic
def return_protocol(protocol: Protocol, *, reason: str, by: Actor) -> Protocol:
    """Send the order back to the desk. Raises NotPermitted, InvalidInput without a reason, TransitionError."""
    order, protocol = _open(protocol)
    permissions.require_protocol(by, order)
    words = reason_given(reason, "send back")
    PROTOCOL.advance(protocol, "return", reason=words, **_decision(by))
    audit.record("order.protocol-returned", order, by=by, procedure=_named(protocol), reason=words)
    return protocol


@transaction.atomic
def ask_protocol_again(protocol: Protocol, *, by: Actor) -> Protocol:
    """The desk has done what was asked: the radiologist looks again."""
    order, protocol = _open(protocol)
    permissions.require_modify(by, order)
    PROTOCOL.advance(protocol, "ask-again")
    audit.record("order.protocol-asked-again", order, by=by, procedure=_named(protocol))
    return protocol


def _open(protocol: Protocol) -> tuple[Order, Protocol]:
    """The order, locked, then the protocol as it is now."""
    order = locked(protocol.requested_procedure.order)
    rows = Protocol.objects.select_for_update(of=("self",)).select_related("requested_procedure__procedure")
    if not ORDER.within(order, "open"):
        raise TransitionError(f"This order is {order.state}: there is nothing left to protocol.")
    return order, rows.get(pk=protocol.pk)


def _decision(by: Actor) -> dict[str, Any]:
    return {"decided_at": timezone.now(), "decided_by_name": by.display}


def _named(protocol: Protocol) -> str:
    return protocol.requested_procedure.description
