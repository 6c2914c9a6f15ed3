"""Refuse a body that is too long before Django waits for it: an ASGI layer around the application.

Django's ASGI handler reads a whole body before any middleware runs, so that a request which announces four
gigabytes and sends ten bytes would hold on to its connection, and one without a length could fill the disk.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from django.conf import settings

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

STOW_PATH = "/viewer/dicom-web/"
ENVELOPE = 64 * 1024
ELSEWHERE_MAX = 32 * 1024 * 1024
GONE: Message = {"type": "http.disconnect"}


class BodyLimit:
    """Answers 413 to what is too long and 400 to a length that is none; everything else passes unchanged."""

    def __init__(self, application: Application) -> None:
        self._application = application

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._application(scope, receive, send)
            return
        limit = _limit(scope["path"])
        status = _judge(scope["headers"], limit)
        if status:
            await _refuse(send, status)
            return
        gauge = _Gauge(receive, send, limit)
        await self._application(scope, gauge.receive, gauge.send)


class _Gauge:
    """Counts what arrives; once it is too much, answers itself and lets the application believe the client left."""

    def __init__(self, receive: Receive, send: Send, limit: int) -> None:
        self._receive, self._send, self._left = receive, send, limit
        self._over = False

    async def receive(self) -> Message:
        if self._over:
            return GONE
        message = await self._receive()
        self._left -= len(message.get("body", b""))
        if self._left < 0:
            self._over = True
            await _refuse(self._send, 413)
            return GONE
        return message

    async def send(self, message: Message) -> None:
        if not self._over:
            await self._send(message)


def _limit(path: str) -> int:
    return int(settings.STOW_MAX_BYTES) + ENVELOPE if path.startswith(STOW_PATH) else ELSEWHERE_MAX


def _judge(headers: list[tuple[bytes, bytes]], limit: int) -> int:
    """413, 400, or 0 when the announced length is acceptable."""
    lengths = [value for name, value in headers if name.lower() == b"content-length"]
    if not lengths:
        return 0
    chunked = any(name.lower() == b"transfer-encoding" for name, _value in headers)
    if len(lengths) > 1 or chunked or not lengths[0].isdigit():
        return 400
    return 413 if int(lengths[0]) > limit else 0


async def _refuse(send: Send, status: int) -> None:
    headers = [(b"content-type", b"text/plain"), (b"content-length", b"0"), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b""})
