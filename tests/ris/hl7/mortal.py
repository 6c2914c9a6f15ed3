"""A listener that is killed again and again: after a message was kept, after it was done, before its answer leaves.

Run as a program: `python -m tests.ris.hl7.mortal PORT [hurried]`; hurried, messages are only taken. Each life is a
process of its own that ends by SIGKILL, at a place that the number of the life decides; the next one begins at once on
the same port.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys

AFTER_KEEPING, AFTER_DOING, NEXT_MESSAGE = range(3)


def main(port: int, *, hurried: bool) -> None:
    import django

    django.setup()
    from ris.hl7.incoming import serving  # noqa: F401  once, and not in every life
    from ris.hl7.mllp import listener  # noqa: F401

    stopped = False

    def stop(*_: object) -> None:
        nonlocal stopped
        stopped = True

    signal.signal(signal.SIGTERM, stop)
    life = 0
    while not stopped:
        child = os.fork()
        if not child:
            live(port, life % 3, hurried=hurried)
        while not stopped:
            ended, _status = os.waitpid(child, os.WNOHANG)
            if ended:
                break
            signal.sigtimedwait([signal.SIGCHLD], 0.01)
        else:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
        life += 1


def live(port: int, end: int, *, hurried: bool) -> None:
    """Serve until this life's end."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    from ris.hl7.incoming import receiving, serving
    from ris.hl7.incoming.serving import Reception, refuse
    from ris.hl7.mllp.listener import Address, Listener

    served, reception = 0, Reception(seconds=0.0 if hurried else 1e9)
    vars(reception._worker)["ring"] = lambda: None

    def mortal(message: bytes, peer: str) -> bytes:
        nonlocal served
        if end == NEXT_MESSAGE and served:
            die()
        said = reception.answer(message, peer)
        if end == AFTER_DOING:
            die()
        served += 1
        return said

    def kept_and_no_more(message: bytes, peer: str) -> None:
        if serving.answer(message, peer, hurried=True):
            die()

    if end == AFTER_KEEPING:
        vars(receiving)["settle"] = lambda *_: die()
        vars(reception._taker)["take"] = kept_and_no_more

    async def serve() -> None:
        listener = Listener(mortal, refuse)
        await listener.listen(Address("127.0.0.1", port))
        await asyncio.Event().wait()

    asyncio.run(serve())


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    main(int(sys.argv[1]), hurried="hurried" in sys.argv)
