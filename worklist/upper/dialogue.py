"""One association's conversation: from the request to associate, over each operation, to its end.

The `User` of an `Acceptor`. It knows neither socket nor thread: `Host` runs what may block, and calls back.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from worklist.upper.acceptor import Acceptor
from worklist.upper.answers import Answer, answer_of, of_found, of_outcome, of_status
from worklist.upper.commands import CommandError, Field
from worklist.upper.contract import (
    CALLED_UNKNOWN,
    CONGESTED,
    LIMIT_EXCEEDED,
    NO_REASON,
    PROCESSING_FAILURE,
    UNABLE,
    Found,
    Operation,
    Outcome,
    Peer,
    Query,
    Rejection,
    Service,
)
from worklist.upper.limits import WAITING_REQUESTS
from worklist.upper.messages import Assembly, FragmentError, Message
from worklist.upper.negotiation import Agreement, RefusedError, negotiate
from worklist.upper.operations import refusal
from worklist.upper.pdus import Fragment, PduError, Request
from worklist.upper.states import Event

log = logging.getLogger(__name__)


class Host(Protocol):
    """Where a dialogue lives: the connection and its server."""

    @property
    def full(self) -> bool:
        """Whether as many associations are established as may be."""
        ...

    def joined(self) -> None:
        """An association is established."""
        ...

    def left(self) -> None:
        """It is no more."""
        ...

    def peer(self, request: Request) -> Peer: ...

    def run(self, work: Callable[[], Any], then: Callable[[Any], None], *, writes: bool) -> None:
        """`work()` in the pool, then `then(its result, or the exception)` on the loop."""
        ...

    def soon(self, act: Callable[[], None]) -> None:
        """After what has come meanwhile was read, and no sooner than the peer has taken what was sent."""
        ...


@dataclass(frozen=True, slots=True)
class Offer:
    """Under which AE title, for which SOP classes, and who answers."""

    ae_title: str
    sop_classes: tuple[str, ...]
    service: Service = field(repr=False)


class Dialogue:
    """See the module. `busy` and `incomplete` tell the host which time-out counts."""

    def __init__(self, acceptor: Acceptor, offer: Offer, host: Host) -> None:
        self._acceptor = acceptor
        self._offer = offer
        self._host = host
        self._peer = Peer("", "")
        self._agreement: Agreement | None = None
        self._assembly = Assembly()
        self._waiting: deque[Message] = deque()
        self._current: Message | None = None
        self._cancelled = False

    @property
    def busy(self) -> bool:
        return self._current is not None

    @property
    def incomplete(self) -> bool:
        """A message has begun and is not whole."""
        return self._assembly.begun

    # -- association -------------------------------------------------------------------------------------------------

    def requested(self, request: Request) -> None:
        """A-ASSOCIATE indication: who it is, before what it wants."""
        self._peer = self._host.peer(request)
        service = self._offer.service
        if request.called != self._offer.ae_title:
            self._reject(CALLED_UNKNOWN)
        elif self._host.full:
            self._reject(LIMIT_EXCEEDED)
        elif service.knows(self._peer):
            self._admitted(request, None)
        else:
            peer = self._peer
            self._host.run(lambda: service.admit(peer), lambda found: self._admitted(request, found), writes=False)

    def _admitted(self, request: Request, found: Rejection | Exception | None) -> None:
        if not self._acceptor.may(Event.LOCAL_ACCEPT):
            return
        if isinstance(found, Exception):
            log.error("association not checked: %s", type(found).__name__)
            found = CONGESTED
        if found is not None:
            self._reject(found)
            return
        try:
            agreement = negotiate(request, self._offer.sop_classes)
        except RefusedError as refused:
            self._reject(refused.rejection)
        except PduError:
            self._reject(NO_REASON)
        else:
            self._agreement = agreement
            self._host.joined()
            self._acceptor.accept(agreement.answer)

    def _reject(self, rejection: Rejection) -> None:
        self._acceptor.reject(rejection)
        self._offer.service.refused(self._peer, rejection)

    def released(self) -> None:
        """A-RELEASE indication: agreed to at once, what is still being answered is dropped."""
        self.ended()
        self._acceptor.release()

    def ended(self) -> None:
        if self._agreement is not None:
            self._host.left()
        self._agreement = None
        self._cancelled = True
        self._waiting.clear()
        self._assembly = Assembly()

    def abort(self) -> None:
        """End it from our side, whatever is going on."""
        if self._acceptor.may(Event.LOCAL_ABORT):
            self.ended()
            self._acceptor.abort()

    # -- messages ----------------------------------------------------------------------------------------------------

    def received(self, fragments: list[Fragment]) -> None:
        """P-DATA indication. What makes no message ends the association: nobody knows what would come next."""
        try:
            for fragment in fragments:
                self._take(fragment)
        except (CommandError, FragmentError) as error:
            log.warning("association from %s aborted: %s", self._peer.address, error)
            self.abort()

    def _take(self, fragment: Fragment) -> None:
        agreement = self._agreement
        if agreement is None:
            return
        if fragment.context not in agreement.contexts:
            raise FragmentError("a presentation context that was not accepted")
        message = self._assembly.add(fragment)
        if message is None:
            return
        if message.command.field is Field.C_CANCEL:
            self._cancel(message)
        elif self._current is None:
            self._begin(message)
        elif len(self._waiting) < WAITING_REQUESTS:
            self._waiting.append(message)
        else:
            raise FragmentError("more requests at once than were negotiated")

    def _cancel(self, message: Message) -> None:
        """PS3.7 9.3.2.3; for what is answered already it has no effect."""
        current = self._current
        if current is not None and current.command.message_id == message.command.message_id:
            self._cancelled = True

    def _begin(self, message: Message) -> None:
        if self._agreement is None:
            return
        self._current, self._cancelled = message, False
        context = self._agreement.contexts[message.context]
        refused = refusal(message.command, context)
        if refused is not None:
            self._answer(of_status(refused))
        elif message.command.field is Field.C_ECHO:
            self._answer(of_status(self._offer.service.echo(self._peer)))
        elif message.command.field is Field.C_FIND:
            self._find(message, context.transfer_syntax)
        else:
            self._operate(message, context.transfer_syntax)

    def _find(self, message: Message, transfer_syntax: str) -> None:
        service, peer, command = self._offer.service, self._peer, message.command
        query = Query(command.sop_class, message.dataset or b"", transfer_syntax, command.priority)
        found = service.find_now(peer, query)
        if found is not None:
            self._answer(of_found(found))
            return

        def done(found: Found | Exception) -> None:
            self._resume(message, of_status(UNABLE) if isinstance(found, Exception) else of_found(found))

        self._host.run(lambda: service.find(peer, query, lambda: self._cancelled), done, writes=False)

    def _operate(self, message: Message, transfer_syntax: str) -> None:
        command, peer = message.command, self._peer
        operation = Operation(
            command.sop_class, command.sop_instance, transfer_syntax, message.dataset, command.attributes
        )
        service = self._offer.service
        act = {Field.N_CREATE: service.create, Field.N_SET: service.set, Field.N_GET: service.get}[command.field]

        def done(outcome: Outcome | Exception) -> None:
            failed = of_status(PROCESSING_FAILURE)
            self._resume(message, failed if isinstance(outcome, Exception) else of_outcome(outcome))

        self._host.run(lambda: act(peer, operation), done, writes=True)

    # -- answers -----------------------------------------------------------------------------------------------------

    def _resume(self, message: Message, answer: Answer) -> None:
        """The pool is done; the peer may have gone meanwhile."""
        if self._current is message and self._agreement is not None:
            self._answer(answer)

    def _answer(self, answer: Answer) -> None:
        agreement, message = self._agreement, self._current
        if agreement is None or message is None:
            return
        if self._cancelled:
            answer = answer.cancelled()
        data, rest = answer_of(answer, message, agreement.longest)
        self._acceptor.send(data)
        if rest is not None:
            self._host.soon(lambda: self._resume(message, rest))
            return
        self._current = None
        if self._waiting:
            self._begin(self._waiting.popleft())
