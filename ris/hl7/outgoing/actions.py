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

    Raises NotPermitted, InvalidInput.
    """
    if not by.may(INSTALLATION, None):
        raise NotPermitted("Destinations are for the administrators of the installation.")
    verb = "hl7-destination.added" if destination.pk is None else "hl7-destination.changed"
    destination.retry_at, destination.failures = None, 0
    store(destination)
    audit.record(verb, destination, by=by, name=destination.name, host=destination.host, port=destination.port)
    return destination


@transaction.atomic
def send_again(message: OutgoingMessage, *, by: Actor) -> OutgoingMessage:
    """Put a message back into the queue: the same bytes under the same MSH-10, so that nothing happens twice.

    One that could not be written is written now. Raises NotPermitted, InvalidInput when it still cannot be,
    TransitionError while it is on its way.
    """
    message = _held(message, by)
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
    OUTGOING.advance(message, "set-aside", last_error=f"Set aside: {reason}")
    about = {"control_id": message.control_id, "reason": reason}
    audit.record("hl7.set-aside", message, by=by, patient=message.patient_id or None, **about)
    return message


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
