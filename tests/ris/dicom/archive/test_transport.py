"""Peers that misbehave as Orthanc cannot be made to: real sockets, scripted answers."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from ris.dicom.archive import ArchiveError, InvalidKey, StudyQuery
from ris.dicom.archive.dicomweb import DicomwebArchive
from ris.dicom.archive.transport import Access
from tests.ris.dicom.objects import ct, file_of

Script = Callable[[BaseHTTPRequestHandler], None]


class Peer(ThreadingHTTPServer):
    """Answers every request by the script and remembers what it was asked."""

    daemon_threads = True

    def __init__(self, script: Script) -> None:
        self.script = script
        self.asked: list[tuple[str, str, dict[str, str]]] = []
        super().__init__(("127.0.0.1", 0), _Handler)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Peer

    def _answer(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.server.asked.append((self.command, self.path, dict(self.headers)))
        self.server.script(self)

    do_GET = do_POST = _answer  # noqa: N815

    def log_message(self, *_args: Any) -> None:
        """Tests are quiet."""


def answer(status: int, body: object = None, **headers: str) -> Script:
    def script(handler: BaseHTTPRequestHandler) -> None:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        handler.send_response(status)
        for name, value in ({"Content_Type": "application/dicom+json"} | headers).items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", str(len(data)))
        handler.end_headers()
        handler.wfile.write(data)

    return script


@pytest.fixture
def peer() -> Iterator[Callable[[Script], Peer]]:
    running: list[Peer] = []

    def start(script: Script) -> Peer:
        server = Peer(script)
        running.append(server)
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        return server

    yield start
    for server in running:
        server.shutdown()
        server.server_close()


def archive_at(server: Peer, **access: Any) -> DicomwebArchive:
    return DicomwebArchive(Access(server.url, timeout=(1.0, 2.0), **access))


ASKED = StudyQuery(accession_number="A1")


def row(accession: str) -> dict[str, Any]:
    return {"00080050": {"vr": "SH", "Value": [accession]}, "0020000D": {"vr": "UI", "Value": ["1.2"]}}


def test_a_study_that_was_not_asked_for_is_dropped(peer: Callable[[Script], Peer]) -> None:
    archive = archive_at(peer(answer(200, [row("A2"), row("A1"), row("")])))
    assert [found.accession_number for found in archive.find_studies(ASKED)] == ["A1"]


def test_metadata_of_another_study_is_dropped(peer: Callable[[Script], Peer]) -> None:
    stranger = {"0020000D": {"vr": "UI", "Value": ["9.9"]}}
    archive = archive_at(peer(answer(200, [row("A1"), stranger])))
    assert archive.metadata("1.2") == [row("A1")]


def test_every_search_is_limited_and_asks_for_plain_bytes_with_our_credentials(peer: Callable[[Script], Peer]) -> None:
    server = peer(answer(200, []))
    archive_at(server, token="t0").find_studies(ASKED)
    ((method, path, headers),) = server.asked
    assert method == "GET"
    assert path.startswith("/dicom-web/studies?")
    assert "limit=50" in path
    assert "AccessionNumber=A1" in path
    assert headers["Accept-Encoding"] == "identity"
    assert headers["Authorization"] == "Bearer t0"
    assert headers["Host"] == f"127.0.0.1:{server.server_port}"


def test_an_unsafe_key_is_never_sent(peer: Callable[[Script], Peer]) -> None:
    server = peer(answer(200, []))
    archive = archive_at(server)
    for query in (StudyQuery(accession_number="A*"), StudyQuery(), StudyQuery(study_instance_uid="1.2,1.3")):
        with pytest.raises(InvalidKey):
            archive.find_studies(query)
    with pytest.raises(InvalidKey):
        archive.series("1.2/../3")
    assert server.asked == []


def test_a_redirect_is_an_error_and_not_followed(peer: Callable[[Script], Peer]) -> None:
    elsewhere = peer(answer(200, [row("A1")]))
    archive = archive_at(peer(answer(302, b"", Location=elsewhere.url)), username="u", password="p")
    with pytest.raises(ArchiveError):
        archive.find_studies(ASKED)
    assert elsewhere.asked == []


@pytest.mark.parametrize("body", [b"<html>", b"7", b'"x"', b"[7]", b'[{"0020000D": 7}]', b'{"a": [}'])
def test_an_unreadable_answer_is_an_archive_error_or_no_rows(peer: Callable[[Script], Peer], body: bytes) -> None:
    archive = archive_at(peer(answer(200, body)))
    try:
        found = archive.find_studies(ASKED)
    except ArchiveError as error:
        assert not error.permanent  # noqa: PT017
    else:
        assert found == []


@pytest.mark.parametrize(
    ("status", "permanent"), [(400, True), (415, True), (403, False), (429, False), (500, False), (503, False)]
)
def test_a_status_says_whether_to_ask_again(peer: Callable[[Script], Peer], status: int, permanent: bool) -> None:
    server = peer(answer(status, b"no"))
    with pytest.raises(ArchiveError) as caught:
        archive_at(server).find_studies(ASKED)
    assert caught.value.permanent is permanent
    assert len(server.asked) == 1


def test_a_store_that_is_answered_200_with_nothing_in_it_has_failed(peer: Callable[[Script], Peer]) -> None:
    image = ct()
    server = peer(answer(200, {"00081199": {"vr": "SQ"}}))
    assert archive_at(server).store([file_of(image)]).stored == frozenset()


def test_a_refused_store_without_reasons_is_permanent(peer: Callable[[Script], Peer]) -> None:
    with pytest.raises(ArchiveError) as caught:
        archive_at(peer(answer(409, b"no", Content_Type="text/plain"))).store([file_of(ct())])
    assert caught.value.permanent


def dropped_on(nth: int) -> Script:
    """Close the connection without an answer at the nth request."""
    count = iter(range(1, 1000))

    def script(handler: BaseHTTPRequestHandler) -> None:
        if next(count) == nth:
            handler.close_connection = True
        else:
            answer(200, [])(handler)

    return script


def test_a_read_that_met_a_dropped_connection_is_repeated_once(peer: Callable[[Script], Peer]) -> None:
    server = peer(dropped_on(2))
    archive = archive_at(server)
    assert archive.find_studies(ASKED) == []
    assert archive.find_studies(ASKED) == []
    assert len(server.asked) == 3


def test_a_store_that_met_a_dropped_connection_is_not_repeated(peer: Callable[[Script], Peer]) -> None:
    server = peer(dropped_on(1))
    with pytest.raises(ArchiveError) as caught:
        archive_at(server).store([file_of(ct())])
    assert not caught.value.permanent
    assert len(server.asked) == 1


def test_each_thread_has_a_connection_of_its_own(peer: Callable[[Script], Peer]) -> None:
    archive = archive_at(peer(answer(200, [])))
    clients = {id(archive.client): archive.client}

    def work() -> None:
        archive.find_studies(ASKED)
        clients[id(archive.client)] = archive.client

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(clients) == 5
