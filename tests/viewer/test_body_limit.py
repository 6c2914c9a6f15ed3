"""Bodies that are too long, announced or not."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from django.test import override_settings

from viewer.body_limit import ELSEWHERE_MAX, ENVELOPE, BodyLimit, Message, Receive, Scope, Send


def ask(path: str, headers: list[tuple[bytes, bytes]], chunks: list[bytes]) -> tuple[list[int], int]:
    """(statuses sent, bytes that the application got) for one request through the layer."""
    sent: list[int] = []
    got = 0

    async def application(_scope: Scope, receive: Receive, send: Send) -> None:
        nonlocal got
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            got += len(message["body"])
            if not message.get("more_body"):
                break
        await send({"type": "http.response.start", "status": 200, "headers": []})

    waiting: list[Message] = [
        {"type": "http.request", "body": chunk, "more_body": at + 1 < len(chunks)} for at, chunk in enumerate(chunks)
    ]

    async def receive() -> Message:
        return waiting.pop(0)

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            sent.append(message["status"])

    scope: dict[str, Any] = {"type": "http", "path": path, "headers": headers}
    asyncio.run(BodyLimit(application)(scope, receive, send))
    return sent, got


STOW = "/viewer/dicom-web/studies"


@pytest.mark.parametrize(
    ("path", "announced", "status"),
    [
        (STOW, 1000 + ENVELOPE, 200),
        (STOW, 1001 + ENVELOPE, 413),
        ("/patients/", 1001 + ENVELOPE, 200),
        ("/patients/", ELSEWHERE_MAX + 1, 413),
    ],
)
def test_an_announced_length_is_judged_before_anything_is_read(path: str, announced: int, status: int) -> None:
    with override_settings(STOW_MAX_BYTES=1000):
        sent, got = ask(path, [(b"content-length", str(announced).encode())], [b"x"])
    assert (sent, got) == ([status], 1 if status == 200 else 0)


def test_a_body_without_length_is_counted_as_it_comes() -> None:
    with override_settings(STOW_MAX_BYTES=1000):
        sent, got = ask(STOW, [(b"transfer-encoding", b"chunked")], [b"x" * 40_000] * 5)
    assert (sent, got) == ([413], 40_000)


@pytest.mark.parametrize(
    "headers",
    [
        [(b"content-length", b"+5")],
        [(b"content-length", b"-5")],
        [(b"content-length", b"5"), (b"content-length", b"6")],
        [(b"content-length", b"5"), (b"transfer-encoding", b"chunked")],
    ],
)
def test_an_ambiguous_length_is_refused(headers: list[tuple[bytes, bytes]]) -> None:
    assert ask(STOW, headers, [b"12345"]) == ([400], 0)


def test_other_protocols_pass() -> None:
    seen: list[str] = []

    async def application(scope: Scope, _receive: Receive, _send: Send) -> None:
        seen.append(scope["type"])

    async def nothing(*_: object) -> Any:
        raise AssertionError("nothing is read or sent")

    asyncio.run(BodyLimit(application)({"type": "websocket"}, nothing, nothing))
    assert seen == ["websocket"]
