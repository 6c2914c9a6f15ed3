"""C-FIND: translate, read the schedule, answer. One audit row a query, whatever became of it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from io import BytesIO

from django.db import Error as DatabaseError
from pydicom.dataset import Dataset
from pydicom.filebase import DicomBytesIO
from pydicom.filereader import read_dataset
from pydicom.filewriter import write_dataset
from pydicom.uid import ImplicitVRLittleEndian

from ris import audit
from ris.core.actors import SystemActor
from ris.dicom.models import Node
from worklist.association import node_of, serving, shown
from worklist.mwl import statuses
from worklist.mwl.charset import UTF8, is_known, terms
from worklist.mwl.entries import entries_for
from worklist.mwl.entry import WorklistEntry
from worklist.mwl.query import IdentifierError, MwlQuery, match, parse
from worklist.mwl.response import IncompleteEntryError, respond
from worklist.mwl.statuses import FindStatus
from worklist.upper.service import Found, Peer, Query, Status

log = logging.getLogger(__name__)

READER = SystemActor("mwl")
MATCH_LIMIT = 500
SCAN_LIMIT = 20_000


@dataclass(frozen=True, slots=True)
class Result:
    """What one query came to: the pending answers, and the status that ends it."""

    final: FindStatus
    answers: tuple[Dataset, ...] = ()
    pending: FindStatus = statuses.PENDING
    keys: tuple[str, ...] = ()
    fault: IdentifierError | None = field(default=None, repr=False)


def find(peer: Peer, query: Query, cancelled: Callable[[], bool]) -> Found:
    """The answer to a C-FIND; never raises for what a peer sends."""
    with serving(peer):
        result = _answer(peer, query, cancelled)
    rows = [_encoded(answer, query.transfer_syntax) for answer in result.answers]
    return Found(_final(result), rows, result.pending.code)


def _answer(peer: Peer, query: Query, cancelled: Callable[[], bool]) -> Result:
    """A database that fails is one failed query, not a dead server."""
    try:
        node = node_of(peer)
        if node is None:
            return Result(statuses.UNABLE)
        result = Result(statuses.CANCELLED) if cancelled() else _search(query, node)
    except DatabaseError as error:
        log.error("worklist query of %s failed: %s", shown(peer), type(error).__name__)
        return Result(statuses.UNABLE)
    _record(node, result)
    return result


def _search(asked: Query, node: Node) -> Result:
    try:
        query = parse(_decoded(asked))
    except IdentifierError as error:
        return Result(statuses.MISMATCH, fault=error)
    except Exception as error:  # noqa: BLE001  undecodable bytes: pydicom raises whatever its reader raises
        return Result(statuses.MISMATCH, fault=IdentifierError(f"undecodable ({type(error).__name__})"))
    pending = statuses.PENDING if query.fully_supported else statuses.PENDING_WARNING
    matches = [entry for entry in entries_for(node, query.days, limit=SCAN_LIMIT) if match(entry, query)]
    charset = terms(node.charset)
    answers = _datasets(matches[:MATCH_LIMIT], query, charset if is_known(charset) else (UTF8,))
    result = Result(statuses.SUCCESS, answers, pending, query.asked)
    return result if len(matches) <= MATCH_LIMIT else replace(result, final=statuses.OUT_OF_RESOURCES)


def _decoded(asked: Query) -> Dataset:
    implicit = asked.transfer_syntax == ImplicitVRLittleEndian
    return read_dataset(BytesIO(asked.identifier), is_implicit_VR=implicit, is_little_endian=True)


def _encoded(answer: Dataset, transfer_syntax: str) -> bytes:
    written = DicomBytesIO()
    written.is_little_endian, written.is_implicit_VR = True, transfer_syntax == ImplicitVRLittleEndian
    write_dataset(written, answer)
    return written.getvalue()


def _datasets(entries: list[WorklistEntry], query: MwlQuery, charset: tuple[str, ...]) -> tuple[Dataset, ...]:
    answers = []
    for entry in entries:
        try:
            answers.append(respond(entry, query, charset))
        except IncompleteEntryError as error:
            log.error("step %s is not on the worklist: %s", entry.steps[0].step_id, error)
    return tuple(answers)


def _final(result: Result) -> Status:
    """The final status; for 0xA900 with the element at fault (PS3.7 Annex C: Offending Element, Error Comment)."""
    fault = result.fault
    if fault is None:
        return Status(result.final.code)
    return Status(result.final.code, str(fault), () if fault.tag is None else (int(fault.tag),))


def _record(node: Node, result: Result) -> None:
    """DCM 110112 Query: who asked, by which keys, how many answers; never a value of a patient.

    An audit that cannot be written alarms and does not keep a device from its worklist (PS3.15 A.5).
    """
    try:
        audit.record(
            "worklist.queried",
            node,
            by=READER,
            outcome="success" if result.final is statuses.SUCCESS else "failure",
            ae_title=node.ae_title,
            returned=len(result.answers),
            keys=list(result.keys),
            status=f"{result.final.code:04X}",
        )
    except DatabaseError as error:
        log.critical("worklist query of node %s is not in the audit trail: %s", node.pk, type(error).__name__)
