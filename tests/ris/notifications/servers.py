"""Real servers on loopback: one that takes mail, one that takes SMS."""

from __future__ import annotations

import json
import socketserver
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from ris.core.actors import SystemActor
from ris.events.models import Delivery
from ris.events.outbox import attempt
from ris.notifications.actions import Letter, post
from ris.notifications.models import Message
from tests.world import World

REMINDERS = SystemActor("reminders")
SECRET = "shared-with-the-gateway"


@dataclass
class MailServer:
    """SMTP (RFC 5321), as far as one client needs it; `refuse` is its answer to each recipient while set."""

    port: int = 0
    refuse: str = ""
    drop_after_data: bool = False
    taken: list[EmailMessage] = field(default_factory=list)


class _Smtp(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        state: MailServer = self.server.state  # type: ignore[attr-defined]
        self._say("220 mail.test")
        for line in self.rfile:
            verb = line[:4].upper().strip()
            if verb == b"RCPT":
                self._say(state.refuse or "250 ok")
            elif verb == b"DATA":
                self._say("354 go on")
                state.taken.append(self._body())
                if state.drop_after_data:
                    return
                self._say("250 taken")
            elif verb == b"QUIT":
                self._say("221 bye")
                return
            else:
                self._say("250 mail.test")

    def _body(self) -> EmailMessage:
        lines = []
        for line in self.rfile:
            if line == b".\r\n":
                break
            lines.append(line[1:] if line.startswith(b".") else line)
        return message_from_bytes(b"".join(lines), policy=policy.default)  # type: ignore[return-value]

    def _say(self, words: str) -> None:
        self.wfile.write(words.encode() + b"\r\n")


@dataclass
class Gateway:
    """What was posted, and the answers to come: status codes, 200 when there is none left."""

    url: str = ""
    answers: list[int] = field(default_factory=list)
    heard: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    def bodies(self) -> list[dict[str, Any]]:
        return [json.loads(body) for _headers, body in self.heard]


class _Sms(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        state: Gateway = self.server.state  # type: ignore[attr-defined]
        body = self.rfile.read(int(self.headers["Content-Length"]))
        state.heard.append((dict(self.headers), body))
        status = state.answers.pop(0) if state.answers else 200
        self.send_response(status)
        if 300 <= status < 400:
            self.send_header("Location", state.url + "elsewhere")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the name is http.server's
        pass


@pytest.fixture
def mail_server(settings: Settings) -> Iterator[MailServer]:
    """A mail server, set up as EMAIL_URL would."""
    state = MailServer()
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Smtp) as server:
        server.daemon_threads = True
        server.state, state.port = state, server.server_address[1]  # type: ignore[attr-defined]
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        settings.EMAIL_CONFIGURED = True
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", state.port
        yield state
        server.shutdown()


@pytest.fixture
def gateway(settings: Settings) -> Iterator[Gateway]:
    """An SMS gateway, set up as SMS_WEBHOOK_URL would."""
    state = Gateway()
    with HTTPServer(("127.0.0.1", 0), _Sms) as server:
        server.state = state  # type: ignore[attr-defined]
        state.url = f"http://127.0.0.1:{server.server_address[1]}/sms/"
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        settings.SMS_WEBHOOK_URL, settings.SMS_WEBHOOK_SECRET = state.url, SECRET
        yield state
        server.shutdown()


def letter(world: World, channel: str = "email", **changes: Any) -> Letter:
    address = "aase@example.org" if channel == "email" else "+491701234567"
    values: dict[str, Any] = {
        "key": "test/1", "channel": channel, "kind": "reminder", "site": world.north, "address": address,
        "subject": "Your appointment", "text": "Tomorrow at 10:00.",
    }  # fmt: skip
    return Letter(**values | changes)


def queued(world: World, channel: str = "email", **changes: Any) -> tuple[Message, Delivery]:
    """A letter on its way."""
    message = post(letter(world, channel, **changes), by=REMINDERS)
    assert message is not None
    return message, Delivery.objects.get(subscriber="notifications.send", event__target_id=str(message.pk))


def go(delivery: Delivery) -> Delivery:
    """One attempt now, as if its waiting time had passed."""
    Delivery.objects.filter(pk=delivery.pk).update(next_at=timezone.now())
    assert attempt(delivery.pk)
    return Delivery.objects.get(pk=delivery.pk)
