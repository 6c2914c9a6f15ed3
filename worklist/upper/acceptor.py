"""One association as PS3.8 Section 9.2 has it, without a socket: bytes and requests in, bytes and indications out.

Every step goes through `states.TRANSITIONS`; what the table leaves blank is refused for the local user and impossible
for the peer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import ClassVar, Protocol

from worklist.upper import pdus
from worklist.upper.contract import VERSION_UNSUPPORTED, Rejection
from worklist.upper.framing import Frames
from worklist.upper.pdus import Fragment, PduError, Request
from worklist.upper.states import TRANSITIONS, Action, Effect, Event, State


class Wire(Protocol):
    """The transport connection and the ARTIM timer, as the acceptor uses them."""

    def write(self, data: bytes) -> None: ...

    def close(self) -> None:
        """After what was written is sent."""
        ...

    def artim(self, *, running: bool) -> None:
        """Start, start again, or stop the Association Request/Reject/Release Timer (9.1.5)."""
        ...


class User(Protocol):
    """The local user: to whom indications go."""

    def requested(self, request: Request) -> None: ...

    def received(self, fragments: list[Fragment]) -> None: ...

    def released(self) -> None: ...

    def ended(self) -> None:
        """The association is no more, however that came; nothing can be sent."""
        ...


class StateError(RuntimeError):
    """The local user asks for what the state does not allow (a blank of Table 9-10)."""


class Acceptor:
    """The machine of one transport connection, from its opening to its close."""

    __slots__ = ("_frames", "_pending", "_reason", "_received", "_user", "_wire", "state")

    def __init__(self, wire: Wire) -> None:
        self.state = State.IDLE
        self._wire = wire
        self._user: User | None = None
        self._frames = Frames()
        self._pending = b""
        self._received: Request | list[Fragment] | None = None
        self._reason = pdus.UNSPECIFIED

    # -- the local user ----------------------------------------------------------------------------------------------

    def serve(self, user: User) -> None:
        """The transport connection is open: `user` hears of all that comes."""
        self._user = user
        self._step(Event.TRANSPORT_INDICATED)

    def accept(self, answer: bytes) -> None:
        """`answer` is the whole A-ASSOCIATE-AC."""
        self._say(Event.LOCAL_ACCEPT, answer)

    def reject(self, rejection: Rejection) -> None:
        self._say(Event.LOCAL_REJECT, pdus.reject(rejection.result, rejection.source, rejection.reason))

    def send(self, data: bytes) -> None:
        """`data` is one or more whole P-DATA-TF PDUs."""
        self._say(Event.LOCAL_DATA, data)

    def release(self) -> None:
        """The response to a release that the peer asked for."""
        self._step(Event.LOCAL_RELEASE_RESPONSE)

    def abort(self) -> None:
        self._step(Event.LOCAL_ABORT)

    def may(self, event: Event) -> bool:
        return (event, self.state) in TRANSITIONS

    # -- the transport -----------------------------------------------------------------------------------------------

    @property
    def open(self) -> bool:
        return self.state is not State.IDLE

    @property
    def incomplete(self) -> bool:
        return self._frames.incomplete

    def receive(self, received: bytes) -> None:
        """Take what the transport has read, and act on each PDU that is complete."""
        self._frames.add(received)
        try:
            while self.open and (frame := self._frames.next()) is not None:
                self._understand(*frame)
        except PduError:
            # Where the next PDU begins is unknown from here on.
            self._frames.clear()
            self._invalid(pdus.UNRECOGNIZED_PDU)

    def closed(self) -> None:
        if self.may(Event.TRANSPORT_CLOSED):
            self._step(Event.TRANSPORT_CLOSED)

    def expired(self) -> None:
        """The ARTIM timer has run out."""
        if self.may(Event.ARTIM_EXPIRED):
            self._step(Event.ARTIM_EXPIRED)

    # -- the machine -------------------------------------------------------------------------------------------------

    def _understand(self, event: Event, body: bytes) -> None:
        if event is Event.PDU_DATA:
            try:
                self._received = pdus.fragments(body)
            except PduError:
                self._invalid(pdus.INVALID_PARAMETER)
                return
        elif event is Event.PDU_ASSOCIATE_RQ:
            self._received = pdus.request(body)
        self._reason = pdus.UNEXPECTED_PDU
        self._step(event)

    def _invalid(self, reason: int) -> None:
        self._reason = reason
        if self.may(Event.PDU_INVALID):
            self._step(Event.PDU_INVALID)

    def _say(self, event: Event, data: bytes) -> None:
        if not self.may(event):
            raise StateError(f"{event.name} in state {self.state.name}")
        self._pending = data
        self._step(event)

    def _step(self, event: Event) -> None:
        action = TRANSITIONS.get((event, self.state))
        if action is None:
            raise StateError(f"{event.name} in state {self.state.name}")
        if action.otherwise is not None and self._chooses_other(event):
            action = action.otherwise
        self._perform(action)

    def _chooses_other(self, event: Event) -> bool:
        """AE-6: whether the provider itself refuses. AR-8: we are always the acceptor."""
        if event is not Event.PDU_ASSOCIATE_RQ:
            return True
        if isinstance(self._received, Request) and self._received.version & 1:
            return False
        refusal = VERSION_UNSUPPORTED
        self._pending = pdus.reject(refusal.result, refusal.source, refusal.reason)
        return True

    def _perform(self, action: Action) -> None:
        """The state changes first: an effect may be answered at once, by the next event."""
        self.state = action.state
        for effect in action.effects:
            self._EFFECTS[effect](self)

    def _send_pending(self) -> None:
        data, self._pending = self._pending, b""
        self._wire.write(data)

    def _send_release_request(self) -> None:
        self._wire.write(pdus.RELEASE_RQ)

    def _send_release_response(self) -> None:
        self._wire.write(pdus.RELEASE_RP)

    def _abort_by_user(self) -> None:
        self._wire.write(pdus.abort(by_provider=False))

    def _abort_by_provider(self) -> None:
        self._wire.write(pdus.abort(by_provider=True, reason=self._reason))

    def _indicate_associate(self) -> None:
        if self._user is not None and isinstance(self._received, Request):
            request, self._received = self._received, None
            self._user.requested(request)

    def _indicate_data(self) -> None:
        if self._user is not None and isinstance(self._received, list):
            fragments, self._received = self._received, None
            self._user.received(fragments)

    def _indicate_release(self) -> None:
        if self._user is not None:
            self._user.released()

    def _indicate_end(self) -> None:
        if self._user is not None:
            self._user.ended()

    def _start_artim(self) -> None:
        self._wire.artim(running=True)

    def _stop_artim(self) -> None:
        self._wire.artim(running=False)

    def _close(self) -> None:
        self._wire.close()

    def _never(self) -> None:
        raise StateError("an acceptor does not ask for associations")

    _EFFECTS: ClassVar[Mapping[Effect, Callable[[Acceptor], None]]] = {
        Effect.CONNECT: _never,
        Effect.SEND_RQ: _never,
        Effect.CONFIRM_ACCEPT: _never,
        Effect.CONFIRM_REJECT: _never,
        Effect.SEND_AC: _send_pending,
        Effect.SEND_RJ: _send_pending,
        Effect.SEND_DATA: _send_pending,
        Effect.SEND_RELEASE_RQ: _send_release_request,
        Effect.SEND_RELEASE_RP: _send_release_response,
        Effect.SEND_ABORT_BY_USER: _abort_by_user,
        Effect.SEND_ABORT_BY_PROVIDER: _abort_by_provider,
        Effect.INDICATE_ASSOCIATE: _indicate_associate,
        Effect.INDICATE_DATA: _indicate_data,
        Effect.INDICATE_RELEASE: _indicate_release,
        Effect.CONFIRM_RELEASE: _indicate_release,
        Effect.INDICATE_ABORT: _indicate_end,
        Effect.START_ARTIM: _start_artim,
        Effect.STOP_ARTIM: _stop_artim,
        Effect.CLOSE: _close,
    }
