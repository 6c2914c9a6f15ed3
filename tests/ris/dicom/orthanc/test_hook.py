"""The hook inside a real Orthanc, posting to a real HTTP server."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import requests

from ris.dicom.orthanc import webhook
from ris.dicom.orthanc.process import Hook
from ris.dicom.orthanc.webhook import NEW_STUDY, STABLE_STUDY, STUDY_DELETED, STUDY_GREW, HookEvent
from tests.ris.dicom.objects import ct, file_of
from tests.services.orthanc import Server
from tests.services.server import free_port

SECRET = "hook-secret"


class Sink(ThreadingHTTPServer):
    """Where the hook posts to; `status` is what it answers."""

    daemon_threads = True

    def __init__(self, port: int, status: int = 204, delay: float = 0) -> None:
        self.status, self.delay = status, delay
        self.bodies: list[bytes] = []
        self.authorizations: list[str] = []
        super().__init__(("127.0.0.1", port), _Handler)
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()

    @property
    def events(self) -> list[HookEvent]:
        return [webhook.read(body) for body in self.bodies]

    def await_event(self, wanted: HookEvent, seconds: float = 15) -> None:
        deadline = time.monotonic() + seconds
        while wanted not in self.events:
            assert time.monotonic() < deadline, f"{wanted} did not come; {self.events} did"
            time.sleep(0.02)


class _Handler(BaseHTTPRequestHandler):
    server: Sink

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        time.sleep(self.server.delay)
        if self.server.status < 300:
            self.server.bodies.append(body)
        self.server.authorizations.append(self.headers["Authorization"])
        self.send_response(self.server.status)
        self.end_headers()

    def log_message(self, *_args: Any) -> None:
        """Tests are quiet."""


@pytest.fixture
def sink() -> Iterator[Callable[..., Sink]]:
    running: list[Sink] = []

    def start(port: int | None = None, **behaviour: Any) -> Sink:
        running.append(Sink(port or free_port(), **behaviour))
        return running[-1]

    yield start
    for server in running:
        server.shutdown()
        server.server_close()


def hooked(fresh_orthanc: Callable[..., Server], port: int) -> Server:
    return fresh_orthanc(hook=Hook(f"http://127.0.0.1:{port}/hooks/orthanc", SECRET))


def stored(server: Server, **attributes: Any) -> tuple[Any, str]:
    """A new image and Orthanc's name of its study."""
    image = ct(**attributes)
    archive = server.archive()
    archive.store([file_of(image)])
    row = archive.study(image.StudyInstanceUID)
    assert row is not None
    return image, row.archive_id


def test_a_new_study_is_told_then_that_it_is_stable_with_our_secret_and_no_phi(
    fresh_orthanc: Callable[..., Server], sink: Callable[..., Sink]
) -> None:
    target = sink()
    _image, name = stored(hooked(fresh_orthanc, target.server_port))
    target.await_event(HookEvent(STABLE_STUDY, name))
    kinds = [event.event for event in target.events]
    assert kinds.index(NEW_STUDY) < kinds.index(STABLE_STUDY)
    assert set(target.authorizations) == {f"Bearer {SECRET}"}
    assert b"TEST" not in b"".join(target.bodies)


def test_a_study_that_grows_is_told_in_few_words_and_again_when_stable(
    fresh_orthanc: Callable[..., Server], sink: Callable[..., Sink]
) -> None:
    target = sink()
    server = hooked(fresh_orthanc, target.server_port)
    image, name = stored(server)
    target.await_event(HookEvent(STABLE_STUDY, name))
    target.bodies.clear()
    more = [ct(StudyInstanceUID=image.StudyInstanceUID, SeriesInstanceUID=image.SeriesInstanceUID) for _ in range(40)]
    server.archive().store([file_of(one) for one in more])
    target.await_event(HookEvent(STUDY_GREW, name))
    target.await_event(HookEvent(STABLE_STUDY, name))
    assert 1 <= target.events.count(HookEvent(STUDY_GREW, name)) <= 4
    assert HookEvent(NEW_STUDY, name) not in target.events


def test_a_deleted_study_is_told(fresh_orthanc: Callable[..., Server], sink: Callable[..., Sink]) -> None:
    target = sink()
    server = hooked(fresh_orthanc, target.server_port)
    _image, name = stored(server)
    requests.delete(f"{server.url}/studies/{name}", auth=server.credentials, timeout=5).raise_for_status()
    target.await_event(HookEvent(STUDY_DELETED, name))


def test_what_happened_while_the_ris_was_down_is_told_when_it_is_back(
    fresh_orthanc: Callable[..., Server], sink: Callable[..., Sink]
) -> None:
    port = free_port()
    server = hooked(fresh_orthanc, port)
    _first, one = stored(server)
    _second, two = stored(server)
    time.sleep(1)
    target = sink(port)
    for name in (one, two):
        target.await_event(HookEvent(NEW_STUDY, name))
        target.await_event(HookEvent(STABLE_STUDY, name))
    assert target.events.count(HookEvent(NEW_STUDY, one)) == 1


@pytest.mark.parametrize("status", [401, 404, 500, 503])
def test_a_ris_that_answers_an_error_is_told_again(
    fresh_orthanc: Callable[..., Server], sink: Callable[..., Sink], status: int
) -> None:
    target = sink(status=status)
    _image, name = stored(hooked(fresh_orthanc, target.server_port))
    deadline = time.monotonic() + 10
    while len(target.authorizations) < 2 and time.monotonic() < deadline:
        time.sleep(0.02)
    assert len(target.authorizations) >= 2
    target.status = 204
    target.await_event(HookEvent(NEW_STUDY, name))


def test_a_slow_ris_slows_no_modality_down(fresh_orthanc: Callable[..., Server], sink: Callable[..., Sink]) -> None:
    target = sink(delay=1.0)
    server = hooked(fresh_orthanc, target.server_port)
    archive = server.archive()
    started = time.monotonic()
    for _ in range(10):
        archive.store([file_of(ct())])
    assert time.monotonic() - started < 2


def test_without_an_address_orthanc_runs_and_tells_nobody(fresh_orthanc: Callable[..., Server]) -> None:
    server = fresh_orthanc()
    stored(server)
    assert "ISOCENTER_HOOK_URL is not set" in server.process.log_file.read_text()


NAME = "-".join(["0a1b2c3d"] * 5)


def test_an_event_is_read() -> None:
    assert webhook.read(f'{{"event": "NewStudy", "id": "{NAME}"}}'.encode()) == HookEvent(NEW_STUDY, NAME)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"7",
        b'{"event": "NewStudy"}',
        b'{"event": "NewStudy", "id": "../system"}',
        b'{"event": "NewStudy", "id": ["x"]}',
        f'{{"event": "Other", "id": "{NAME}"}}'.encode(),
        f'{{"event": ["NewStudy"], "id": "{NAME}"}}'.encode(),
        f'{{"event": "NewStudy", "id": "{NAME}\\n"}}'.encode(),
        b" " * 2000,
        b"[" * 1000,
        b"[" * 250,
        b"\xff\xfe",
    ],
)
def test_what_is_no_event_is_refused(body: bytes) -> None:
    with pytest.raises(ValueError, match=r".*"):
        webhook.read(body)


@pytest.mark.parametrize(
    ("header", "secret", "good"),
    [
        ("Bearer s", "s", True),
        ("Bearer t", "s", False),
        ("s", "s", False),
        ("", "s", False),
        ("Bearer ", "", False),
        ("Bearer ü", "s", False),
    ],
)
def test_only_our_secret_opens(header: str, secret: str, good: bool) -> None:
    assert webhook.is_authorised(header, secret) is good
