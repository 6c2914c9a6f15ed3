"""What a person does with messages: read one, have one done again, see what one would do."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction

from ris import audit
from ris.audit.models import AuditEvent
from ris.core.actors import Actor
from ris.core.context import current
from ris.core.errors import TransitionError
from ris.hl7 import er7
from ris.hl7.er7 import Fault, Message
from ris.hl7.incoming import permissions
from ris.hl7.incoming.arrival import arrival_of
from ris.hl7.incoming.fieldmap import ROWS, Row
from ris.hl7.incoming.handling import HL7, Again, do
from ris.hl7.incoming.keeping import message_of
from ris.hl7.incoming.lifecycle import INBOUND
from ris.hl7.incoming.outcomes import Refused, Waits
from ris.hl7.incoming.record import InboundMessage, Sender
from ris.hl7.incoming.settling import UNFORESEEN, settle_alone

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsal:
    """What a message would do: whether, in words, what is wrong, which acts, and what was read where."""

    does: bool
    words: str
    faults: Sequence[Fault] = ()
    acts: Sequence[AuditEvent] = ()
    read: Sequence[tuple[Row, str]] = ()


def read_text(row: InboundMessage, *, by: Actor) -> str:
    """The message as people read it, a segment a line; who looked is kept. Raises NotPermitted."""
    permissions.require_manage(by, row)
    audit.record("hl7.opened", row, by=by, patient=row.patient_id_known, control_id=row.control_id)
    try:
        return er7.write(message_of(row)).replace("\r", "\n").strip()
    except er7.Malformed:
        return bytes(row.raw).decode("latin-1").replace("\r", "\n").strip()


def replay(row: InboundMessage, *, by: Actor) -> InboundMessage:
    """Have a message that waits or was refused done now. Raises NotPermitted, TransitionError when it was done."""
    permissions.require_manage(by, row)
    if not INBOUND.within(row, "again"):
        raise TransitionError("This message was done. Doing it again would do it twice.")
    audit.record("hl7.replayed", row, by=by, control_id=row.control_id)
    settle_alone(row.pk, again=True)
    row.refresh_from_db()
    return row


def rehearse(sender: Sender, text: str, *, by: Actor) -> Rehearsal:
    """Do what a pasted message says, look at what was done, and take all of it back. Raises NotPermitted."""
    permissions.require_rehearse(by, sender)
    audit.record("hl7.rehearsed", sender, by=by, site_id=sender.site_id)
    try:
        message = er7.read_text(text.strip().replace("\r\n", "\r").replace("\n", "\r"))
    except er7.Malformed as error:
        fault = Fault(words=error.words, code=error.code, location=error.location)
        return Rehearsal(does=False, words="This is no HL7 message.", faults=[fault])
    return _rehearsed(sender, message)


def _rehearsed(sender: Sender, message: Message) -> Rehearsal:
    read = _read(sender, message)
    newest = AuditEvent.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    with transaction.atomic():
        try:
            with transaction.atomic():
                done = do(message, sender)
            acts = AuditEvent.objects.filter(pk__gt=newest, actor_id=HL7.id, request_id=current.get().request_id)
            return Rehearsal(does=True, words=done.result, acts=list(acts.order_by("pk")), read=read)
        except Refused as error:
            return Rehearsal(does=False, words="It would be refused.", faults=error.faults, read=read)
        except (Waits, Again) as error:
            return Rehearsal(does=False, words=f"It would wait. {error}", read=read)
        except Exception as error:  # noqa: BLE001  as when it comes: said, and its text may hold a name
            log.error("a message that was tried failed: %s", type(error).__name__)
            return Rehearsal(does=False, words="It would be refused.", faults=[UNFORESEEN], read=read)
        finally:
            transaction.set_rollback(True)


def _read(sender: Sender, message: Message) -> list[tuple[Row, str]]:
    """What stands at each place of the map, as this sender writes it."""
    fields = arrival_of(message, sender, HL7).fields
    found = [(row, fields.given(row.target)) for row in ROWS]
    return [(row, value or "(delete)") for row, value in found if value is not None]
