"""ASGI lifespan: at shutdown counted refusals are written, and connections to the archive ended in their own loop."""

from __future__ import annotations

from asgiref.sync import sync_to_async

from viewer.actions import settle_denials
from viewer.body_limit import Application, Receive, Scope, Send
from viewer.upstream import close


class Lifespan:
    """Answers the server's lifespan messages, which Django does not know; everything else passes unchanged."""

    def __init__(self, application: Application) -> None:
        self._application = application

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "lifespan":
            await self._application(scope, receive, send)
            return
        while (await receive())["type"] != "lifespan.shutdown":
            await send({"type": "lifespan.startup.complete"})
        await sync_to_async(settle_denials)()
        await close()
        await send({"type": "lifespan.shutdown.complete"})
