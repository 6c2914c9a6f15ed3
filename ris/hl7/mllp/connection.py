"""One sender at the other end: blocks in, answers out, one after the other. What it does wrong is its own."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import ssl
from collections.abc import Awaitable, Callable
from typing import Final

from ris.hl7.mllp.framing import Framer, Misframed, wrap
from ris.hl7.mllp.limits import Limits

log = logging.getLogger(__name__)

CHUNK: Final = 64 * 1024
# What is answered to a message, empty for nothing, and to what was no block; both may take their time.
Answerer = Callable[[bytes, str], Awaitable[bytes]]
Refuser = Callable[[str], bytes]
BROKEN: Final = (OSError, asyncio.IncompleteReadError, ssl.SSLError)


class Connection:
    """Serves until the peer goes, is silent for too long, or sends what cannot be framed any more."""

    def __init__(self, limits: Limits, answer: Answerer, refuse: Refuser) -> None:
        self._limits = limits
        self._answer = answer
        self._refuse = refuse

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        peer = str((writer.get_extra_info("peername") or ("",))[0])
        try:
            await self._converse(reader, writer, peer)
        except TimeoutError:
            log.info("a sender was silent for too long; its connection is closed")
        except BROKEN as error:
            log.info("a sender went away (%s)", type(error).__name__)
        except Exception as error:  # noqa: BLE001  the sender sends again; its message's text may hold a name
            log.error("a connection ended: %s", type(error).__name__)
        finally:
            await _close(writer)

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, peer: str) -> None:
        framer = Framer(self._limits.message_bytes)
        while received := await asyncio.wait_for(reader.read(CHUNK), self._patience(framer)):
            for found in framer.feed(received):
                if isinstance(found, Misframed):
                    log.warning("misframed: %s", found.words)
                    await self._send(writer, self._refuse(found.words))
                    if found.fatal:
                        return
                elif answer := await self._answer(found, peer):
                    await self._send(writer, answer)

    def _patience(self, framer: Framer) -> float:
        return self._limits.unfinished if framer.incomplete else self._limits.idle

    async def _send(self, writer: asyncio.StreamWriter, answer: bytes) -> None:
        writer.write(wrap(answer))
        await asyncio.wait_for(writer.drain(), self._limits.unfinished)


async def _close(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with contextlib.suppress(*BROKEN, TimeoutError):
        await asyncio.wait_for(writer.wait_closed(), 2)
