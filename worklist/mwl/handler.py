"""C-FIND: translate, read the schedule, answer. One audit row a query, whatever became of it."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from django.db import Error as DatabaseError
from pydicom.dataset import Dataset
from pynetdicom.events import Event

from ris import audit
from ris.core.actors import SystemActor
from ris.dicom.models import Node
from worklist.association import node_of, peer_of, serving
from worklist.mwl import statuses
from worklist.mwl.charset import UTF8, is_known, terms
from worklist.mwl.entries import entries_for
from worklist.mwl.entry import WorklistEntry
from worklist.mwl.query import IdentifierError, MwlQuery, match, parse
from worklist.mwl.response import IncompleteEntryError, respond
from worklist.mwl.statuses import FindStatus

log = logging.getLogger(__name__)

READER = SystemActor("mwl")
MATCH_LIMIT = 500
SCAN_LIMIT = 20_000


@dataclass(frozen=True, slots=True)
class Found:
    """What one query came to: the pending answers, and the status that ends it."""

    final: FindStatus
    answers: tuple[Dataset, ...] = ()
    pending: FindStatus = statuses.PENDING
    keys: tuple[str, ...] = ()
    fault: IdentifierError | None = field(default=None, repr=False)


def handle_find(event: Event) -> Iterator[tuple[int | Dataset, Dataset | None]]:
    """The generator that pynetdicom asks for (status, identifier) pairs; never raises for what a peer sends."""
    with serving(event):
        found = _answer(event)
    for dataset in found.answers:
        if event.is_cancelled:
            yield statuses.CANCELLED.code, None
            return
        yield found.pending.code, dataset
    if found.final is not statuses.SUCCESS:
        yield _failure(found), None


def _answer(event: Event) -> Found:
    """A database that fails is one failed query, not a dead server."""
    try:
        node = node_of(event)
        if node is None:
            return Found(statuses.UNABLE)
        found = _search(event, node)
    except DatabaseError as error:
        log.error("worklist query of %s failed: %s", peer_of(event), type(error).__name__)
        return Found(statuses.UNABLE)
    _record(node, found)
    return found


def _search(event: Event, node: Node) -> Found:
    try:
        query = parse(event.identifier)
    except IdentifierError as error:
        return Found(statuses.MISMATCH, fault=error)
    except Exception as error:  # noqa: BLE001  undecodable bytes: pydicom raises whatever its reader raises
        return Found(statuses.MISMATCH, fault=IdentifierError(f"undecodable ({type(error).__name__})"))
    pending = statuses.PENDING if query.fully_supported else statuses.PENDING_WARNING
    matches = [entry for entry in entries_for(node, query.days, limit=SCAN_LIMIT) if match(entry, query)]
    charset = terms(node.charset)
    answers = _datasets(matches[:MATCH_LIMIT], query, charset if is_known(charset) else (UTF8,))
    found = Found(statuses.SUCCESS, answers, pending, query.asked)
    return found if len(matches) <= MATCH_LIMIT else replace(found, final=statuses.OUT_OF_RESOURCES)


def _datasets(entries: list[WorklistEntry], query: MwlQuery, charset: tuple[str, ...]) -> tuple[Dataset, ...]:
    answers = []
    for entry in entries:
        try:
            answers.append(respond(entry, query, charset))
        except IncompleteEntryError as error:
            log.error("step %s is not on the worklist: %s", entry.steps[0].step_id, error)
    return tuple(answers)


def _failure(found: Found) -> Dataset:
    """The final status; for 0xA900 with the element at fault (PS3.7 Annex C: Offending Element, Error Comment)."""
    status = Dataset()
    status.Status = found.final.code
    if found.fault is not None:
        status.ErrorComment = str(found.fault)[:64]
        if found.fault.tag is not None:
            status.OffendingElement = [found.fault.tag]
    return status


def _record(node: Node, found: Found) -> None:
    """DCM 110112 Query: who asked, by which keys, how many answers; never a value of a patient.

    An audit that cannot be written alarms and does not keep a device from its worklist (PS3.15 A.5).
    """
    try:
        audit.record(
            "worklist.queried",
            node,
            by=READER,
            outcome="success" if found.final is statuses.SUCCESS else "failure",
            ae_title=node.ae_title,
            returned=len(found.answers),
            keys=list(found.keys),
            status=f"{found.final.code:04X}",
        )
    except DatabaseError as error:
        log.critical("worklist query of node %s is not in the audit trail: %s", node.pk, type(error).__name__)
