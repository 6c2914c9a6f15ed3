"""The messages of devices, kept as they came; those that came too early wait here for the one they belong to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from io import BytesIO
from typing import Final

from django.db import models, transaction
from django.utils import timezone
from pydicom.dataset import Dataset
from pydicom.filereader import read_dataset
from pydicom.uid import ImplicitVRLittleEndian

from ris.dicom.models import Node
from worklist.lifecycle import MESSAGE
from worklist.models import MppsMessage, PerformedProcedureStep
from worklist.mpps.messages import Encoded, ProcedureStarted, ProcedureUpdated, digest
from worklist.mpps.reading import MessageError
from worklist.mpps.statuses import INVALID_VALUE, NO_SUCH_INSTANCE

Message = ProcedureStarted | ProcedureUpdated
OPERATIONS: Final = {ProcedureStarted: "N-CREATE", ProcedureUpdated: "N-SET"}
PARKED_FOR: Final = timedelta(days=7)
BODY_MAX: Final = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """A message that was answered with a failure; `problem` names an attribute, never a value."""

    operation: str
    sop_instance_uid: str
    status: int
    problem: str
    encoded: Encoded


def keep_taken(message: Message, performed: PerformedProcedureStep, *, node: Node) -> MppsMessage:
    """Part of the transaction that carries the message out."""
    return _keep(message, "take", node=node, performed=performed)


@transaction.atomic
def park(message: ProcedureUpdated, *, node: Node) -> MppsMessage:
    """An N-SET whose N-CREATE has not come yet: answered 0x0112 as the standard says, and carried out later.

    Sent twice, it is parked once.
    """
    waiting = parked_of(message.sop_instance_uid, node.site_id).filter(sha256=said(message)).first()
    return waiting or _keep(message, "park", node=node)


@transaction.atomic
def keep_refused(refused: Refused, *, node: Node) -> MppsMessage:
    """What was wrong with a device's message is looked up later: it is kept although nothing was done."""
    return MppsMessage.objects.create(
        node=node,
        sop_instance_uid=refused.sop_instance_uid[:64],
        operation=refused.operation,
        state=_state("refuse"),
        status=refused.status,
        problem=refused.problem[:64],
        transfer_syntax=refused.encoded.transfer_syntax,
        body=refused.encoded.body[:BODY_MAX],
    )


def parked_of(sop_instance_uid: str, site_id: int) -> models.QuerySet[MppsMessage]:
    """What waits for the N-CREATE of this UID, in the order in which it came."""
    rows = MppsMessage.objects.filter(state__in=MESSAGE.groups["parked"], node__site_id=site_id)
    return rows.filter(sop_instance_uid=sop_instance_uid).order_by("pk")


def was_replayed(message: ProcedureUpdated, performed: PerformedProcedureStep) -> bool:
    """Whether this very message was carried out although its sender was told 0x0112."""
    replayed = performed.messages.filter(state__in=MESSAGE.groups["replayed"])
    return replayed.filter(sha256=said(message)).exists()


def said(message: Message) -> str:
    """What a message says, whatever its encoding."""
    if isinstance(message, ProcedureUpdated):
        return digest({**message.unsettable, **message.raw})
    return digest(message.raw)


def decoded(encoded: Encoded) -> Dataset:
    """The dataset of a message, none being empty. Raises MessageError when the bytes are none."""
    implicit = encoded.transfer_syntax == ImplicitVRLittleEndian
    try:
        return read_dataset(BytesIO(encoded.body), is_implicit_VR=implicit, is_little_endian=True)
    except Exception as error:  # noqa: BLE001  undecodable bytes: pydicom raises whatever its reader raises
        raise MessageError(INVALID_VALUE, type(error).__name__) from None


def forget_parked() -> int:
    """A week later nobody sends the N-CREATE any more; the message stays on record as refused."""
    old = MppsMessage.objects.filter(state__in=MESSAGE.groups["parked"], at__lt=timezone.now() - PARKED_FOR)
    return old.update(state=MESSAGE.table["parked", "refuse"])


def _keep(message: Message, verb: str, *, node: Node, performed: PerformedProcedureStep | None = None) -> MppsMessage:
    return MppsMessage.objects.create(
        node=node,
        performed=performed,
        sop_instance_uid=message.sop_instance_uid,
        operation=OPERATIONS[type(message)],
        state=_state(verb),
        status=NO_SUCH_INSTANCE.code if performed is None else 0,
        sha256=said(message),
        transfer_syntax=message.encoded.transfer_syntax,
        body=message.encoded.body[:BODY_MAX],
    )


def _state(verb: str) -> str:
    return MESSAGE.table["received", verb]
