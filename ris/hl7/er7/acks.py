"""Answers to a message: MSH, MSA and, where something is wrong, ERR (chapter 2.9, 2.15.4, 2.15.5)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from ris.hl7.er7.building import Heading, One, header, segment
from ris.hl7.er7.errors import APPLICATION_INTERNAL_ERROR, MEANINGS
from ris.hl7.er7.message import Message, Segment
from ris.hl7.er7.versions import OURS, version_of

ACCEPTED, FAILED, REJECTED = "AA", "AE", "AR"
# The same in enhanced mode, to who wants to know no more than that it was taken (§2.9.3)
COMMITTED: Final = {ACCEPTED: "CA", FAILED: "CE", REJECTED: "CR"}
# Which outcomes are told (MSH-15 and MSH-16, table 0155); AL and what is in no table: all
CONDITIONS: Final[dict[str, frozenset[str]]] = {
    "NE": frozenset(),
    "ER": frozenset({FAILED, REJECTED}),
    "SU": frozenset({ACCEPTED}),
}
ALWAYS: Final = frozenset(COMMITTED)
# From v2.5 on ERR says it in fields; before, in one (ELD) without severity: a warning stands in MSA-3 alone.
FIELDS_SINCE = (2, 5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What is wrong and where: ERR-2 is `segment^sequence^field`, `code` of table 0357, `severity` E, W or I."""

    words: str
    code: str = APPLICATION_INTERNAL_ERROR
    location: str = ""
    severity: str = "E"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """How a message is answered. `kind` is MSH-9 where it is more than ACK; `also` follows MSA and ERR.

    `answers` is MSA-2 where the message itself cannot be looked at.
    """

    code: str
    control_id: str
    at: datetime
    faults: Sequence[Fault] = ()
    kind: tuple[str, ...] = ()
    also: Sequence[Segment] = ()
    answers: str = ""


def acknowledge(message: Message | None, answer: Answer) -> Message:
    """The answer to `message`, or to bytes that were none."""
    if message is not None and (code := code_of(message.header, answer.code)) not in {answer.code, ""}:
        answer = replace(answer, code=code, kind=(), also=())
    words = answer.faults[0].words if answer.faults else ""
    said = segment("MSA", {1: answer.code, 2: message.control_id if message else answer.answers, 3: words[:80]})
    version = (version_of(message.version) if message else None) or FIELDS_SINCE
    told = [fault for fault in answer.faults if version >= FIELDS_SINCE or fault.severity == "E"]
    errors = [_error(fault, version) for fault in told]
    return Message((header(_heading(message, answer)), said, *errors, *answer.also))


def code_of(header: Segment, outcome: str) -> str:
    """MSA-1 of the one answer to a message with this MSH: AA, AE or AR, else CA, CE or CR; empty where none is wanted.

    Enhanced mode is where MSH-15 and MSH-16 are both filled (§2.9.3). The application's answer says that the message
    was taken too, so that no other is sent before it: the next on the line is the answer to the next message.
    """
    accept, application = (header.text(number).strip().upper() for number in (15, 16))
    if not accept or not application or outcome in CONDITIONS.get(application, ALWAYS):
        return outcome
    return COMMITTED[outcome] if outcome in CONDITIONS.get(accept, ALWAYS) else ""


def _heading(message: Message | None, answer: Answer) -> Heading:
    if message is None:
        return Heading(kind=("ACK",), control_id=answer.control_id, at=answer.at)
    event = message.header.text(9, 2)
    came = message.header
    return Heading(
        kind=answer.kind or (("ACK", event, "ACK") if event else ("ACK",)),
        control_id=answer.control_id,
        at=answer.at,
        sending=(_party(came, 5), _party(came, 6)),
        receiving=(_party(came, 3), _party(came, 4)),
        version=message.version if version_of(message.version) else OURS,
        processing=came.text(11) or "P",
    )


def _party(came: Segment, number: int) -> One:
    """A name of an application or facility as it came, with its components."""
    repetitions = came.field(number)
    return tuple(component[0] for component in repetitions[0]) if repetitions else ""


def _error(fault: Fault, version: tuple[int, ...]) -> Segment:
    place = tuple(fault.location.split("^")) if fault.location else ("",)
    coded = (fault.code, MEANINGS.get(fault.code, ""), "HL70357")
    if version < FIELDS_SINCE:
        where = (*place, "", "", "")[:3]
        return segment("ERR", {1: (*where, coded)})
    return segment("ERR", {2: place, 3: coded, 4: fault.severity, 8: fault.words[:250]})
