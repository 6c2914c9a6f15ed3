"""nginx in front, as deploy/nginx ships it: no pixel passes through Python, nobody sees another's."""

from __future__ import annotations

import re
import socket
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from io import StringIO
from itertools import cycle
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.test import override_settings

from ris.accounts.models import ApiToken
from ris.dicom.orthanc.process import OrthancProcess
from tests.services import nginx
from tests.viewer.hospital import ROOT, Answer, Browser, Hospital, exam, status_so_far
from tests.viewer.test_short_way import theirs
from viewer.front import Front, authorization, render
from viewer.ohif.library import BASE, library
from viewer.refusals import refusal

SHARE = 24  # connections of one person for frames: limit_conn in deploy/nginx/isocenter.conf


@pytest.fixture(scope="module")
def served(hospital: Hospital, pacs: OrthancProcess) -> Iterator[nginx.Running]:
    with nginx.started(hospital.port, pacs.url.removeprefix("http://"), authorization()) as found:
        yield found


@pytest.fixture(scope="module")
def fronted(hospital: Hospital, served: nginx.Running) -> Iterator[Hospital]:
    """The hospital through nginx."""
    own = ["127.0.0.1"]
    with override_settings(PIXELS="nginx", ALLOWED_HOSTS=own, ALLAUTH_TRUSTED_PROXY_COUNT=1):
        yield replace(hospital, port=served.port)


def pixels_of(answer: Answer) -> bytes:
    _head, _, rest = answer.body.partition(b"\r\n\r\n")
    return rest[: rest.rfind(b"\r\n--")]


def test_a_frame_is_the_archives_and_comes_without_python(
    fronted: Hospital, pacs: OrthancProcess, rita: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = f"{fronted.a.first}/frames/1"

    async def never(*_: object) -> None:
        raise AssertionError("pixels through Python")

    monkeypatch.setattr("viewer.retrieval.answer", never)
    monkeypatch.setattr("viewer.caching.pixels.small", never)
    answers = [fronted.ask(path, rita) for _ in range(3)]
    assert [one.status for one in answers] == [200, 200, 200]
    assert [pixels_of(one) == theirs(pacs, path) for one in answers] == [True] * 3
    kind = answers[0].headers["content-type"]
    assert kind.startswith('multipart/related; type="application/octet-stream"; transfer-syntax=1.2.840.10008.1.2.1;')
    assert answers[2].headers["cache-control"] == "private, no-store"
    assert not [name for name in answers[2].headers if "isocenter" in name]


def test_what_is_cached_is_given_to_nobody_else(fronted: Hospital, rita: Browser) -> None:
    path = f"{fronted.a.first}/frames/1"
    assert fronted.ask(path, rita).status == 200
    assert fronted.ask(path).status == 401
    for other in ("clerk", "outsider"):
        answer = fronted.ask(path, fronted.sign_in(other))
        assert (answer.status, answer.body) == (404, b'{"message": "There is no such object here."}')
    assert fronted.ask(f"{fronted.b.first}/frames/1", rita).status == 404


def test_a_form_that_is_not_offered_is_refused_whether_or_not_one_was_let_in_a_moment_ago(
    fronted: Hospital, rita: Browser
) -> None:
    path = f"{fronted.a.first}/frames/1"
    assert fronted.ask(path, rita, Accept="text/html").status == 406
    assert fronted.ask(path, rita, Accept="multipart/related").status == 200
    assert fronted.ask(path, rita, Accept="text/html").status == 406
    assert fronted.ask(path, rita, Accept="image/svg+xml").status == 406


def test_a_session_that_ended_sees_nothing_after_seconds(fronted: Hospital, rita: Browser) -> None:
    path = f"{fronted.a.first}/frames/1"
    assert fronted.ask(path, rita).status == 200
    fronted.end_session(rita)
    time.sleep(3)
    assert fronted.ask(path, rita).status == 401


@pytest.fixture(scope="module")
def large(fronted: Hospital) -> str:
    """A frame that is larger than all buffers."""
    one = exam(fronted.world, fronted.world.north, fronted.world.clerk, "Large", slices=1, side=2048)
    return f"{one.first}/frames/1"


def in_two_cookies(who: Browser) -> dict[str, str]:
    """The RIS reads the last one."""
    return {"Cookie": f"sessionid={uuid.uuid4().hex}; {who.cookie}"}


def respelled(who: Browser) -> dict[str, str]:
    """In quotes, and each time with other letters in octal: Python reads the same session out of it."""
    key, pick = who.session, uuid.uuid4().int
    spelled = "".join(f"\\{ord(letter):03o}" if pick >> at & 1 else letter for at, letter in enumerate(key))
    return {"Cookie": f'sessionid="{spelled}"'}


def with_a_token(key: str) -> dict[str, str]:
    """The RIS looks at no cookie then, and not at how the word is written."""
    other = uuid.uuid4()
    word = ("Token", "token", "TOKEN ")[other.int % 3]
    return {"Authorization": f"{word} {key}", "Cookie": f"sessionid={other.hex}"}


@pytest.mark.parametrize("how", ["session", "two cookies", "another spelling", "token", "two sessions and a token"])
def test_one_greedy_person_is_capped_and_a_colleague_is_served(
    fronted: Hospital, large: str, rita: Browser, how: str
) -> None:
    _token, key = ApiToken.issue(fronted.world.radiologist, "greedy")
    second = fronted.sign_in("radiologist")
    ways: dict[str, list[Callable[[], dict[str, str]]]] = {
        "session": [lambda: rita.headers],
        "two cookies": [lambda: in_two_cookies(rita)],
        "another spelling": [lambda: respelled(rita)],
        "token": [lambda: with_a_token(key)],
        "two sessions and a token": [lambda: rita.headers, lambda: second.headers, lambda: with_a_token(key)],
    }
    turns = cycle(ways[how])

    def sent() -> dict[str, str]:
        return next(turns)()

    assert fronted.ask(large, None, body=b"", **sent()).status == 200
    wires = [slow_reader(fronted.port, large, sent()) for _ in range(SHARE + 16)]
    try:
        until, statuses = time.monotonic() + 60, [0]
        while 0 in statuses and time.monotonic() < until:
            time.sleep(0.2)
            statuses = [status_so_far(wire) for wire in wires]
        assert (statuses.count(200), statuses.count(429)) == (SHARE, 16)
        colleague, began = fronted.sign_in("resident"), time.monotonic()
        assert fronted.ask(large, colleague).status == 200
        assert time.monotonic() - began < 5
        assert_ours(fronted.ask(large, None, body=b"", **sent()), 429)
    finally:
        for wire in wires:
            wire.close()


def assert_ours(answer: Answer, status: int) -> None:
    """The same words and headers as when the RIS itself refuses."""
    ours = refusal(status)
    assert (answer.status, answer.body) == (status, ours.content)
    assert {name: answer.headers.get(name.lower()) for name in ours.headers} == dict(ours.headers.items())


def test_a_body_that_is_too_long_is_refused_in_our_words(fronted: Hospital, rita: Browser) -> None:
    raw = (
        f"POST {ROOT}/studies HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {rita.cookie}\r\n"
        "Content-Type: multipart/related\r\nContent-Length: 4294967290\r\n\r\n0123456789"
    )
    assert_ours(fronted.exchange(raw.encode()), 413)


def slow_reader(port: int, target: str, headers: dict[str, str]) -> socket.socket:
    """A request for a frame that is larger than all buffers, whose answer nobody reads."""
    wire = socket.socket()
    wire.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    wire.settimeout(20)
    wire.connect(("127.0.0.1", port))
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    wire.sendall(f"GET {target} HTTP/1.1\r\nHost: 127.0.0.1\r\n{lines}\r\n".encode())
    return wire


@pytest.mark.parametrize(
    ("target", "status"),
    [
        ("/viewer/permit", 404),
        ("/viewer/%70ermit", 404),
        ("/isocenter-permit", 404),
        ("/isocenter-part-begins", 404),
        (f"{ROOT}/../permit", 404),
        (f"{ROOT}/studies/{{A}}/../{{A}}/series/{{R}}/instances/{{I}}/frames/1", 404),
        (f"{ROOT}/studies/{{A}}%2f..%2f{{B}}/series/{{R}}/instances/{{I}}/frames/1", 404),
        (f"{ROOT}/studies/{{A}}/series/{{R}}/instances/{{I}}/frames/999", 404),
        (f"{ROOT}/studies/{{A}}/series/{{R}}/instances/{{I}}/frames/1?x=1", 400),
        (f"{ROOT}/studies/{{A}}/series/{{R}}/instances/{{I}}/frames/1,1", 200),
        (f"{ROOT}/studies/{{A}}/metadata", 200),
    ],
)
def test_every_other_address_takes_the_long_way(fronted: Hospital, rita: Browser, target: str, status: int) -> None:
    words = {"{A}": fronted.a.study, "{B}": fronted.b.study, "{R}": fronted.a.series, "{I}": fronted.a.instances[0]}
    for word, value in words.items():
        target = target.replace(word, value)
    # a foreign value in the header that nginx sets is nobody's permit
    assert fronted.ask(target, rita, X_Original_URI=f"{fronted.a.first}/frames/1").status == status


@pytest.mark.parametrize("encoding", ["br", "gzip", ""])
def test_the_viewers_own_files_come_without_python_and_with_the_same_words(
    hospital: Hospital, fronted: Hospital, monkeypatch: pytest.MonkeyPatch, encoding: str
) -> None:
    shelf = library(Path(settings.OHIF_DIR))
    assert shelf is not None
    bundle = f"{BASE}{next(name for name in shelf.files if name.startswith('histogram-worker.bundle.'))}"
    ours = hospital.ask(bundle, Accept_Encoding=encoding)
    monkeypatch.setattr("viewer.ohif.views._file", None)
    theirs = fronted.ask(bundle, Accept_Encoding=encoding)
    assert (theirs.status, theirs.body) == (200, ours.body)
    same = ("content-type", "content-encoding", "cache-control", "content-security-policy", "x-content-type-options")
    assert [theirs.headers.get(name, "").split(";")[0] for name in same] == [
        ours.headers.get(name, "").split(";")[0] for name in same
    ]


def test_what_everybody_gets_is_asked_of_python_once_and_is_nobodys_own(
    hospital: Hospital, fronted: Hospital, rita: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf = library(Path(settings.OHIF_DIR))
    assert shelf is not None
    style = f"{BASE}{next(name for name in shelf.files if name.startswith('2623.') and name.endswith('.css'))}"
    ours = hospital.ask(style)
    assert fronted.ask(style, rita).body == ours.body
    monkeypatch.setattr("viewer.ohif.views._file", None)
    again = fronted.ask(style)
    assert (again.status, again.body) == (200, ours.body)
    same = ("content-type", "cache-control", "content-security-policy", "x-content-type-options", "etag")
    assert [again.headers.get(name) for name in same] == [ours.headers.get(name) for name in same]


def test_a_file_that_nobody_has_changes_no_cookie(hospital: Hospital, fronted: Hospital) -> None:
    """The page of a 404 has forms, and so a new CSRF value; the open page goes on with its own."""
    missing = "/static/css/nothing.css"
    assert "set-cookie" in hospital.ask(missing).headers
    answer = fronted.ask(missing)
    assert (answer.status, "set-cookie" in answer.headers) == (404, False)


@pytest.mark.parametrize("name", ["/viewer/ohif/x.bundle.0123456789abcdef.js", "/isocenter-ohif/plain/index.html"])
def test_a_file_that_the_viewer_has_not_is_nobodys(fronted: Hospital, name: str) -> None:
    assert fronted.ask(name).status == 404


def test_writing_at_the_address_of_a_frame_is_refused(fronted: Hospital, rita: Browser) -> None:
    answer = fronted.ask(f"{fronted.a.first}/frames/1", rita, method="POST", Authorization=f"Bearer {rita.csrf}")
    assert answer.status in {404, 405}


def test_the_command_writes_what_ships() -> None:
    out = StringIO()
    with override_settings(ORTHANC_URL="http://127.0.0.1:8042", ORTHANC_USERNAME="ris", ORTHANC_PASSWORD="pass"):
        call_command("nginx_config", "--listen", "127.0.0.1:8099", stdout=out)
    assert "listen 127.0.0.1:8099;" in out.getvalue()
    assert 'Authorization "Basic cmlzOnBhc3M="' in out.getvalue()
    assert "listen 127.0.0.1:8081;" in out.getvalue()
    assert not re.search(r"\$\{[A-Z_]+\}", out.getvalue())


def test_an_archive_that_nginx_cannot_ask_is_said() -> None:
    with override_settings(ORTHANC_URL="https://archive.example/orthanc"), pytest.raises(CommandError, match="plain"):
        call_command("nginx_config", stdout=StringIO())


def test_a_value_cannot_end_what_it_stands_in() -> None:
    place, behind = Path("/x"), ("127.0.0.1:2", "127.0.0.1:3", "127.0.0.1:4", "Basic x")
    with pytest.raises(ValueError, match="character"):
        render(Front("127.0.0.1:1; evil", *behind, place, place, place))
