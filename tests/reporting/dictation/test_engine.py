"""A speech engine of the house hears a recording first: what it understood is marked, and nobody signs it unchecked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest
from pytest_django import Settings

from reporting.dictation.actions import claim_clip
from reporting.dictation.listening import listen
from reporting.dictation.record import Clip, DictationRule
from reporting.reread.reading import remarks
from ris.events.errors import DeliveryError
from ris.events.models import Delivery, Event
from tests.reporting.dictation.sounds import wav
from tests.world import World

pytestmark = [pytest.mark.db, pytest.mark.usefixtures("rule")]


@dataclass
class Engine:
    """What it was sent, and what it answers."""

    bodies: list[bytes] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    status: int = 200
    says: bytes = b"Kein Erguss.\n"


@pytest.fixture
def engine(settings: Settings) -> Iterator[Engine]:
    state = Engine()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            state.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
            state.headers.append(dict(self.headers))
            self.send_response(state.status)
            self.send_header("Location", "/elsewhere")
            self.end_headers()
            self.wfile.write(state.says)

        def log_message(self, *_: object) -> None:
            """Nothing on the terminal."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    settings.SPEECH_ENGINE_URL = f"http://127.0.0.1:{server.server_port}/listen"
    settings.SPEECH_ENGINE_SECRET = "house"
    yield state
    server.shutdown()
    server.server_close()


@pytest.fixture
def event(clip: Clip) -> Event:
    return Event.objects.get(kind="dictation.recorded", payload__clip=clip.pk)


def test_nothing_is_sent_until_a_site_asks_for_it(engine: Engine, event: Event) -> None:
    assert Delivery.objects.filter(event=event, subscriber="reporting.speech-engine").exists()
    listen(event)
    assert engine.bodies == []
    assert Clip.objects.get().state == "recorded"


def test_what_the_engine_understood_is_marked_and_has_to_be_checked(engine: Engine, event: Event, clip: Clip) -> None:
    DictationRule.objects.update(engine=True)
    for _again in range(2):
        listen(event)
    assert engine.bodies == [wav()]
    (sent,) = engine.headers
    assert (sent["Content-Type"], sent["Authorization"]) == ("audio/wav", "Bearer house")
    clip.refresh_from_db()
    assert (clip.state, clip.typed_by) == ("typed", "Speech recognition")
    assert clip.report.content["sections"]["findings"].endswith("\nKein Erguss.")
    assert [(one.doubt.rule, one.level) for one in remarks(clip.report)] == [("transcript", "stop")]


def test_an_engine_that_fails_is_asked_again_or_given_up(engine: Engine, event: Event) -> None:
    DictationRule.objects.update(engine=True)
    for status, says, permanent in ((503, b"", False), (302, b"", True), (400, b"", True), (200, b"\xff", True)):
        engine.status, engine.says = status, says
        with pytest.raises(DeliveryError) as refused:
            listen(event)
        assert refused.value.permanent is permanent, status
    engine.status, engine.says = 200, b" \n"
    listen(event)
    assert Clip.objects.get().state == "recorded", "it heard nothing: a typist may"


def test_what_a_typist_took_meanwhile_is_the_typists(world: World, engine: Engine, event: Event, clip: Clip) -> None:
    DictationRule.objects.update(engine=True)
    claim_clip(clip, by=world.typist)
    listen(event)
    assert (engine.bodies, Clip.objects.get().state) == ([], "typing")
