"""ASGI lifespan: at shutdown the connections to the archive are ended in the loop that made them."""

from __future__ import annotations

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
        await close()
        await send({"type": "lifespan.shutdown.complete"})
