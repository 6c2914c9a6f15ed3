"""Every state × every event of PS3.8 Table 9-10, by the bytes that a peer sends and the calls that a user makes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from tests.worklist.upper.lean import ABORT, AC, DATA, RELEASE_RP, RELEASE_RQ, RJ, Asking, data, pdu
from worklist.upper.acceptor import Acceptor, StateError
from worklist.upper.contract import CALLING_UNKNOWN
from worklist.upper.pdus import Fragment, Request
from worklist.upper.states import ACTIONS, NAMES, Effect, Event, State


@dataclass
class Recorder:
    """Wire and user at once: writes down what happens."""

    sent: list[bytes] = field(default_factory=list)
    said: list[str] = field(default_factory=list)

    def write(self, data: bytes) -> None:
        self.sent.append(data)

    def close(self) -> None:
        self.said.append("close")

    def artim(self, *, running: bool) -> None:
        self.said.append("start" if running else "stop")

    def requested(self, request: Request) -> None:
        self.said.append(f"requested by {request.calling}")

    def received(self, fragments: list[Fragment]) -> None:
        self.said.append(f"{len(fragments)} fragments")

    def released(self) -> None:
        self.said.append("release")

    def ended(self) -> None:
        self.said.append("ended")


ANSWER = pdu(AC, bytes(68))
REQUEST = bytes(Asking())
BY_BYTES: dict[Event, bytes] = {
    Event.PDU_ASSOCIATE_AC: ANSWER,
    Event.PDU_ASSOCIATE_RJ: pdu(RJ, bytes([0, 1, 1, 1])),
    Event.PDU_ASSOCIATE_RQ: REQUEST,
    Event.PDU_DATA: data(1, 3, b"x"),
    Event.PDU_RELEASE_RQ: pdu(RELEASE_RQ, bytes(4)),
    Event.PDU_RELEASE_RP: pdu(RELEASE_RP, bytes(4)),
    Event.PDU_ABORT: pdu(ABORT, bytes(4)),
    Event.PDU_INVALID: pdu(0x0B, bytes(4)),
}
BY_CALL: dict[Event, Callable[[Acceptor], None]] = {
    Event.LOCAL_ACCEPT: lambda acceptor: acceptor.accept(ANSWER),
    Event.LOCAL_REJECT: lambda acceptor: acceptor.reject(CALLING_UNKNOWN),
    Event.LOCAL_DATA: lambda acceptor: acceptor.send(data(1, 3, b"y")),
    Event.LOCAL_RELEASE_RESPONSE: Acceptor.release,
    Event.LOCAL_ABORT: Acceptor.abort,
    Event.TRANSPORT_CLOSED: Acceptor.closed,
    Event.ARTIM_EXPIRED: Acceptor.expired,
}
# An acceptor never opens an association, a transport connection or a release.
OF_A_REQUESTOR = {Event.LOCAL_ASSOCIATE, Event.TRANSPORT_CONFIRMED, Event.LOCAL_RELEASE, Event.TRANSPORT_INDICATED}
STATES = [state for state in State if state not in {State.IDLE, State.AWAITING_TRANSPORT}]
SENT: dict[Effect, int] = {
    Effect.SEND_AC: AC, Effect.SEND_RJ: RJ, Effect.SEND_DATA: DATA, Effect.SEND_RELEASE_RP: RELEASE_RP,
    Effect.SEND_ABORT_BY_USER: ABORT, Effect.SEND_ABORT_BY_PROVIDER: ABORT,
}  # fmt: skip
SAID: dict[Effect, str] = {
    Effect.START_ARTIM: "start", Effect.STOP_ARTIM: "stop", Effect.CLOSE: "close", Effect.INDICATE_ABORT: "ended",
    Effect.INDICATE_RELEASE: "release", Effect.CONFIRM_RELEASE: "release", Effect.INDICATE_DATA: "1 fragments",
    Effect.INDICATE_ASSOCIATE: "requested by CT1",
}  # fmt: skip


def acceptor_in(state: State) -> tuple[Acceptor, Recorder]:
    recorder = Recorder()
    acceptor = Acceptor(recorder)
    acceptor.serve(recorder)
    acceptor.state = state
    recorder.said.clear()
    return acceptor, recorder


def happen(acceptor: Acceptor, event: Event) -> None:
    if event in BY_BYTES:
        acceptor.receive(BY_BYTES[event])
    else:
        BY_CALL[event](acceptor)


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.name)
@pytest.mark.parametrize("event", [*BY_BYTES, *BY_CALL], ids=lambda event: event.name)
def test_each_cell_does_what_its_action_says_and_a_blank_one_nothing(event: Event, state: State) -> None:
    acceptor, recorder = acceptor_in(state)
    name = NAMES.get((event, state))
    if name is None:
        if event in {Event.TRANSPORT_CLOSED, Event.ARTIM_EXPIRED}:
            happen(acceptor, event)
        else:
            with pytest.raises(StateError):
                happen(acceptor, event)
        assert (acceptor.state, recorder.sent, recorder.said) == (state, [], [])
        return
    if name in {"AE-3", "AE-4"}:
        with pytest.raises(StateError):
            happen(acceptor, event)
        return
    action = ACTIONS[name].otherwise if name == "AR-8" else ACTIONS[name]
    assert action is not None
    happen(acceptor, event)
    assert acceptor.state is action.state
    assert [sent[0] for sent in recorder.sent] == [SENT[effect] for effect in action.effects if effect in SENT]
    assert recorder.said == [SAID[effect] for effect in action.effects if effect in SAID]


def test_every_event_of_the_table_is_tried() -> None:
    assert set(Event) == set(BY_BYTES) | set(BY_CALL) | OF_A_REQUESTOR


def test_a_version_that_is_not_ours_is_refused_by_the_provider() -> None:
    acceptor, recorder = acceptor_in(State.AWAITING_REQUEST)
    acceptor.receive(bytes(Asking(version=2)))
    assert acceptor.state is State.AWAITING_CLOSE
    assert recorder.sent == [bytes.fromhex("03000000000400010202")]
    assert recorder.said == ["stop", "start"]


def test_the_provider_says_why_it_aborts() -> None:
    for sent, reason in ((BY_BYTES[Event.PDU_RELEASE_RP], 2), (pdu(0xFF, b""), 1), (pdu(DATA, bytes(6)), 6)):
        acceptor, recorder = acceptor_in(State.ESTABLISHED)
        acceptor.receive(sent)
        assert recorder.sent == [bytes([7, 0, 0, 0, 0, 4, 0, 0, 2, reason])]


def test_an_abort_by_the_user_names_no_reason() -> None:
    acceptor, recorder = acceptor_in(State.ESTABLISHED)
    acceptor.abort()
    assert recorder.sent == [bytes.fromhex("07000000000400000000")]


def test_what_follows_an_abort_is_ignored_and_not_kept() -> None:
    acceptor, recorder = acceptor_in(State.ESTABLISHED)
    acceptor.receive(pdu(0xFF, b"") + b"\xff" * 100_000)
    assert not acceptor.incomplete
    acceptor.receive(data(1, 3, b"z"))
    assert len(recorder.sent) == 1
    acceptor.expired()
    assert (acceptor.state, recorder.said[-2:]) == (State.IDLE, ["stop", "close"])
