"""The upper layer's state machine as data: PS3.8 Section 9.2, Tables 9-1 to 9-10. Nothing here acts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, IntEnum, auto
from typing import Final


class State(IntEnum):
    """PS3.8 Tables 9-1 to 9-5. We are the acceptor: 4, 5, 9 and 11 belong to a requestor and stay for completeness."""

    IDLE = 1
    AWAITING_REQUEST = 2
    AWAITING_LOCAL_RESPONSE = 3
    AWAITING_TRANSPORT = 4
    AWAITING_ANSWER = 5
    ESTABLISHED = 6
    AWAITING_RELEASE_RESPONSE = 7
    AWAITING_LOCAL_RELEASE = 8
    COLLISION_REQUESTOR_LOCAL = 9
    COLLISION_ACCEPTOR_PEER = 10
    COLLISION_REQUESTOR_PEER = 11
    COLLISION_ACCEPTOR_LOCAL = 12
    AWAITING_CLOSE = 13


class Event(IntEnum):
    """PS3.8 Table 9-10, the rows."""

    LOCAL_ASSOCIATE = 1
    TRANSPORT_CONFIRMED = 2
    PDU_ASSOCIATE_AC = 3
    PDU_ASSOCIATE_RJ = 4
    TRANSPORT_INDICATED = 5
    PDU_ASSOCIATE_RQ = 6
    LOCAL_ACCEPT = 7
    LOCAL_REJECT = 8
    LOCAL_DATA = 9
    PDU_DATA = 10
    LOCAL_RELEASE = 11
    PDU_RELEASE_RQ = 12
    PDU_RELEASE_RP = 13
    LOCAL_RELEASE_RESPONSE = 14
    LOCAL_ABORT = 15
    PDU_ABORT = 16
    TRANSPORT_CLOSED = 17
    ARTIM_EXPIRED = 18
    PDU_INVALID = 19


class Effect(Enum):
    """What an action does, one thing at a time, in the words of PS3.8 Tables 9-6 to 9-9."""

    CONNECT = auto()
    SEND_RQ = auto()
    SEND_AC = auto()
    SEND_RJ = auto()
    SEND_DATA = auto()
    SEND_RELEASE_RQ = auto()
    SEND_RELEASE_RP = auto()
    SEND_ABORT_BY_USER = auto()
    SEND_ABORT_BY_PROVIDER = auto()
    INDICATE_ASSOCIATE = auto()
    CONFIRM_ACCEPT = auto()
    CONFIRM_REJECT = auto()
    INDICATE_DATA = auto()
    INDICATE_RELEASE = auto()
    CONFIRM_RELEASE = auto()
    INDICATE_ABORT = auto()
    START_ARTIM = auto()
    STOP_ARTIM = auto()
    CLOSE = auto()


@dataclass(frozen=True, slots=True)
class Action:
    """The effects in their order, and the next state.

    `otherwise` is the second half of AE-6 (the provider itself refuses the request) and of AR-8 (we are the acceptor).
    """

    effects: tuple[Effect, ...]
    state: State
    otherwise: Action | None = None


E, S = Effect, State

ACTIONS: Final[Mapping[str, Action]] = {
    # Table 9-6: association establishment
    "AE-1": Action((E.CONNECT,), S.AWAITING_TRANSPORT),
    "AE-2": Action((E.SEND_RQ,), S.AWAITING_ANSWER),
    "AE-3": Action((E.CONFIRM_ACCEPT,), S.ESTABLISHED),
    "AE-4": Action((E.CONFIRM_REJECT, E.CLOSE), S.IDLE),
    "AE-5": Action((E.START_ARTIM,), S.AWAITING_REQUEST),
    "AE-6": Action(
        (E.STOP_ARTIM, E.INDICATE_ASSOCIATE),
        S.AWAITING_LOCAL_RESPONSE,
        Action((E.STOP_ARTIM, E.SEND_RJ, E.START_ARTIM), S.AWAITING_CLOSE),
    ),
    "AE-7": Action((E.SEND_AC,), S.ESTABLISHED),
    "AE-8": Action((E.SEND_RJ, E.START_ARTIM), S.AWAITING_CLOSE),
    # Table 9-7: data transfer
    "DT-1": Action((E.SEND_DATA,), S.ESTABLISHED),
    "DT-2": Action((E.INDICATE_DATA,), S.ESTABLISHED),
    # Table 9-8: association release
    "AR-1": Action((E.SEND_RELEASE_RQ,), S.AWAITING_RELEASE_RESPONSE),
    "AR-2": Action((E.INDICATE_RELEASE,), S.AWAITING_LOCAL_RELEASE),
    "AR-3": Action((E.CONFIRM_RELEASE, E.CLOSE), S.IDLE),
    "AR-4": Action((E.SEND_RELEASE_RP, E.START_ARTIM), S.AWAITING_CLOSE),
    "AR-5": Action((E.STOP_ARTIM,), S.IDLE),
    "AR-6": Action((E.INDICATE_DATA,), S.AWAITING_RELEASE_RESPONSE),
    "AR-7": Action((E.SEND_DATA,), S.AWAITING_LOCAL_RELEASE),
    "AR-8": Action(
        (E.INDICATE_RELEASE,),
        S.COLLISION_REQUESTOR_LOCAL,
        Action((E.INDICATE_RELEASE,), S.COLLISION_ACCEPTOR_PEER),
    ),
    "AR-9": Action((E.SEND_RELEASE_RP,), S.COLLISION_REQUESTOR_PEER),
    "AR-10": Action((E.CONFIRM_RELEASE,), S.COLLISION_ACCEPTOR_LOCAL),
    # Table 9-9: abort and everything else
    "AA-1": Action((E.SEND_ABORT_BY_USER, E.START_ARTIM), S.AWAITING_CLOSE),
    "AA-2": Action((E.STOP_ARTIM, E.CLOSE), S.IDLE),
    "AA-3": Action((E.INDICATE_ABORT, E.CLOSE), S.IDLE),
    "AA-4": Action((E.INDICATE_ABORT,), S.IDLE),
    "AA-5": Action((E.STOP_ARTIM,), S.IDLE),
    "AA-6": Action((), S.AWAITING_CLOSE),
    "AA-7": Action((E.SEND_ABORT_BY_PROVIDER,), S.AWAITING_CLOSE),
    "AA-8": Action((E.SEND_ABORT_BY_PROVIDER, E.INDICATE_ABORT, E.START_ARTIM), S.AWAITING_CLOSE),
}

# PS3.8 Table 9-10. Rows are events, columns states 1 to 13; a dot is a pair that cannot be.
TABLE_9_10: Final = """
 1  AE-1  .     .     .     .     .     .     .     .     .     .     .     .
 2  .     .     .     AE-2  .     .     .     .     .     .     .     .     .
 3  .     AA-1  AA-8  .     AE-3  AA-8  AA-8  AA-8  AA-8  AA-8  AA-8  AA-8  AA-6
 4  .     AA-1  AA-8  .     AE-4  AA-8  AA-8  AA-8  AA-8  AA-8  AA-8  AA-8  AA-6
 5  AE-5  .     .     .     .     .     .     .     .     .     .     .     .
 6  .     AE-6  AA-8  .     AA-8  AA-8  AA-8  AA-8  AA-8  AA-8  AA-8  AA-8  AA-7
 7  .     .     AE-7  .     .     .     .     .     .     .     .     .     .
 8  .     .     AE-8  .     .     .     .     .     .     .     .     .     .
 9  .     .     .     .     .     DT-1  .     AR-7  .     .     .     .     .
10  .     AA-1  AA-8  .     AA-8  DT-2  AR-6  AA-8  AA-8  AA-8  AA-8  AA-8  AA-6
11  .     .     .     .     .     AR-1  .     .     .     .     .     .     .
12  .     AA-1  AA-8  .     AA-8  AR-2  AR-8  AA-8  AA-8  AA-8  AA-8  AA-8  AA-6
13  .     AA-1  AA-8  .     AA-8  AA-8  AR-3  AA-8  AA-8  AR-10 AR-3  AA-8  AA-6
14  .     .     .     .     .     .     .     AR-4  AR-9  .     .     AR-4  .
15  .     .     AA-1  AA-2  AA-1  AA-1  AA-1  AA-1  AA-1  AA-1  AA-1  AA-1  .
16  .     AA-2  AA-3  .     AA-3  AA-3  AA-3  AA-3  AA-3  AA-3  AA-3  AA-3  AA-2
17  .     AA-5  AA-4  AA-4  AA-4  AA-4  AA-4  AA-4  AA-4  AA-4  AA-4  AA-4  AR-5
18  .     AA-2  .     .     .     .     .     .     .     .     .     .     AA-2
19  .     AA-1  AA-8  .     AA-8  AA-8  AA-8  AA-8  AA-8  AA-8  AA-8  AA-8  AA-7
"""


def _read(table: str) -> dict[tuple[Event, State], str]:
    rows = [line.split() for line in table.strip().splitlines()]
    return {
        (Event(int(row[0])), State(column)): name
        for row in rows
        for column, name in enumerate(row[1:], start=1)
        if name != "."
    }


NAMES: Final[Mapping[tuple[Event, State], str]] = _read(TABLE_9_10)
TRANSITIONS: Final[Mapping[tuple[Event, State], Action]] = {pair: ACTIONS[name] for pair, name in NAMES.items()}
