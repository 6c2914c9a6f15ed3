"""What a person does: describe destinations, send again, set aside."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from ris import audit
from ris.accounts.configuring import store
from ris.core.actors import Actor
from ris.core.errors import InvalidInput, NotPermitted
from ris.hl7.er7.errors import Unwritable
from ris.hl7.outgoing.composing import control_id_of, drafts, written
from ris.hl7.outgoing.lifecycle import OUTGOING
from ris.hl7.outgoing.models import Destination, OutgoingMessage

INSTALLATION = "installation.manage"
LONGEST_REASON = 200


@transaction.atomic
def save_destination(destination: Destination, *, by: Actor) -> Destination:
    """Add or change whom to tell. What was written already is sent as it was written.

    Switched off, its messages wait; closed, they are set aside and no others are written.
    Raises NotPermitted, InvalidInput.
    """
    if not by.may(INSTALLATION, None):
        raise NotPermitted("Destinations are for the administrators of the installation.")
    verb = "hl7-destination.added" if destination.pk is None else "hl7-destination.changed"
    destination.retry_at, destination.failures = None, 0
    destination.active = destination.active and not destination.closed
    store(destination)
    names = ("name", "host", "port", "active", "closed")
    audit.record(verb, destination, by=by, **{name: getattr(destination, name) for name in names})
    if destination.closed:
        _set_all_aside(destination, by)
    return destination


def _set_all_aside(destination: Destination, by: Actor) -> None:
    """What is being sent at this moment is answered, or found here when the destination is saved once more."""
    Destination.objects.select_for_update().get(pk=destination.pk)  # no sender takes another message meanwhile
    rows = OutgoingMessage.objects.select_for_update().defer("body", "answer").filter(destination=destination)
    for message in rows.filter(state__in=OUTGOING.groups["waiting"]).order_by("pk"):
        _aside(message, "the destination was closed.", by)


@transaction.atomic
def send_again(message: OutgoingMessage, *, by: Actor) -> OutgoingMessage:
    """Put a message back into the queue: the same bytes under the same MSH-10, so that nothing happens twice.

    One that could not be written is written now. Raises NotPermitted, InvalidInput when it still cannot be, or when its
    destination is closed, TransitionError while it is on its way.
    """
    message = _held(message, by)
    if message.destination.closed:
        raise InvalidInput("Its destination was closed for good: nothing is sent there any more.")
    if OUTGOING.within(message, "done") and not message.body:
        raise InvalidInput("Its text was deleted, as the policy says (KEEP_BODIES_DAYS): it cannot be sent again.")
    made = {} if message.body else _written(message)
    verb = "replay" if OUTGOING.within(message, "done") else "resend"
    OUTGOING.advance(message, verb, next_at=timezone.now(), attempts=0, last_error="", **made)
    Destination.objects.filter(pk=message.destination_id).update(retry_at=None)
    audit.record(f"hl7.{verb}", message, by=by, patient=message.patient_id or None, control_id=message.control_id)
    return message


@transaction.atomic
def set_aside(message: OutgoingMessage, *, reason: str, by: Actor) -> OutgoingMessage:
    """It is not sent, and what waits behind it for the same patient goes on. It can still be sent again.

    Raises NotPermitted, InvalidInput without a reason, TransitionError when it was accepted or is on its way.
    """
    message = _held(message, by)
    reason = " ".join(reason.split())
    if not reason or len(reason) > LONGEST_REASON:
        raise InvalidInput("Nothing was set aside.", fields={"reason": "Why is it not sent? One sentence."})
    _aside(message, reason, by)
    return message


def _aside(message: OutgoingMessage, reason: str, by: Actor) -> None:
    OUTGOING.advance(message, "set-aside", last_error=f"Set aside: {reason}")
    about = {"control_id": message.control_id, "reason": reason}
    audit.record("hl7.set-aside", message, by=by, patient=message.patient_id or None, **about)


def _held(message: OutgoingMessage, by: Actor) -> OutgoingMessage:
    rows = OutgoingMessage.objects.select_for_update(of=("self",)).select_related("destination__site", "event")
    found = rows.get(pk=message.pk)
    if not found.is_managed_by(by):
        raise NotPermitted("Messages are for those who look after the deliveries of the site.")
    return found


def _written(message: OutgoingMessage) -> dict[str, object]:
    """Its bytes, from what is known now, under the MSH-10 that it has."""
    for draft in drafts(message.destination, message.event):
        if control_id_of(message.destination, message.event, draft) == message.control_id:
            try:
                body = written(message.destination, draft, message.control_id)
            except Unwritable as problem:
                raise InvalidInput(str(problem)) from problem
            return {"body": body, "charset": message.destination.charset}
    raise InvalidInput("This destination is not told of such things any more: set the message aside.")
