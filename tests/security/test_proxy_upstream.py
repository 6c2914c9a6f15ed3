"""What leaves the proxy, and what it does with an archive that misbehaves (rows 43, 49, 50 and 66 to 68).

The archive here is a fake that records every byte of every request: the strongest witness of what went out.
"""

from __future__ import annotations

import json
import re
import socket
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote_from_bytes

import pytest
from django.test import override_settings
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ris.audit.models import AuditEvent
from tests.security.upstream_fake import Fake, Reply, fake_archive
from tests.viewer.hospital import ROOT, Browser, Hospital, status_so_far
from viewer.caching import names
from worklist.models import Study, StudyLink

GRAMMAR = re.compile(
    r"/dicom-web/studies(/[0-9.]+/(metadata|series|instances)|/[0-9.]+/series/[0-9.]+/(metadata|instances|rendered)"
    r"|/[0-9.]+/series/[0-9.]+/instances/[0-9.]+(/metadata|/rendered|/frames/[0-9,]+|/bulk/[0-9a-fA-F/]+)?)?"
    r"(\?[A-Za-z0-9.,=&]*)?"
)
FRAME = {"Content-Type": "multipart/related; type=application/octet-stream; boundary=b"}


@pytest.fixture(scope="module")
def fake(hospital: Hospital) -> Iterator[Fake]:
    with fake_archive() as found, override_settings(ORTHANC_URL=found.url):
        yield found


@pytest.fixture(autouse=True)
def _afresh(fake: Fake) -> None:
    fake.reply, fake.endless, fake.busiest = Reply(), False, 0
    fake.at.clear()
    fake.seen.clear()


def row(study: str, patient: str = "") -> dict[str, object]:
    found: dict[str, object] = {"0020000D": {"vr": "UI", "Value": [study]}}
    return found | ({"00100020": {"vr": "LO", "Value": [patient]}} if patient else {})


def alerts() -> int:
    return AuditEvent.objects.filter(event_code="110113").exclude(detail__has_key="repeated").count()


def test_43_the_archive_sees_our_headers_only(hospital: Hospital, fake: Fake, rita: Browser) -> None:
    fake.reply = Reply(headers=FRAME, body=b"--b\r\n\r\nx\r\n--b--")
    answer = hospital.ask(
        f"{hospital.a.first}/frames/1",
        rita,
        Authorization="Basic evil",
        Connection="Authorization, X-Custom",
        TE="trailers",
        X_Custom="evil",
        X_Forwarded_For="evil",
        Forwarded="host=evil",
        Accept="multipart/related; type=image/jls",
        Accept_Encoding="gzip",
        Range="bytes=0-1",
        Referer="http://evil/",
        Origin=f"http://127.0.0.1:{hospital.port}",
    )
    ((target, asked),) = fake.dicomweb
    assert answer.status == 200
    assert target == hospital.a.first.replace(ROOT, "/dicom-web") + "/frames/1"
    assert asked["Accept"] == "multipart/related; type=application/octet-stream; transfer-syntax=*"
    assert len(fake.seen) > 1  # what the caches want to know first is held to the same
    for _method, _target, headers in fake.seen:
        assert set(headers) == {"Host", "Accept", "Accept-Encoding", "User-Agent", "Authorization"}
        assert headers["Accept-Encoding"] == "identity"
        assert "evil" not in repr(headers)
        assert rita.cookie not in repr(headers)


def test_66_a_redirect_of_the_archive_is_not_followed(hospital: Hospital, fake: Fake, rita: Browser) -> None:
    fake.reply = Reply(302, {"Location": f"{fake.url}/elsewhere"}, b"")
    answer = hospital.ask(f"{hospital.a.path}/metadata", rita)
    assert (answer.status, len(fake.dicomweb), "location" in answer.headers) == (502, 1, False)
    assert not [target for _method, target, _headers in fake.seen if "elsewhere" in target]


@pytest.mark.parametrize("kind", ["text/html", "image/svg+xml", "application/javascript", "", "application/pdf"])
@pytest.mark.parametrize("target", ["/metadata", "/series/{R}/instances/{I}/frames/1", "/series/{R}/rendered"])
def test_67_an_answer_of_another_type_is_not_passed_on(
    hospital: Hospital, fake: Fake, rita: Browser, kind: str, target: str
) -> None:
    fake.reply = Reply(
        headers={"Content-Type": kind, "Set-Cookie": "sessionid=evil"}, body=b"<script>alert(1)</script>"
    )
    path = target.replace("{R}", hospital.a.series).replace("{I}", hospital.a.instances[0])
    answer = hospital.ask(hospital.a.path + path, rita)
    assert answer.status == 502
    assert b"script" not in answer.body
    assert "set-cookie" not in answer.headers


def test_67_cookies_and_policies_of_the_archive_are_dropped(hospital: Hospital, fake: Fake, rita: Browser) -> None:
    headers = {"Set-Cookie": "sessionid=evil", "Content-Security-Policy": "default-src *", "Server": "x", "X-Evil": "1"}
    fake.reply = Reply(headers=FRAME | headers, body=b"--b\r\n\r\nx\r\n--b--")
    answer = hospital.ask(f"{hospital.a.first}/frames/1", rita)
    assert (answer.status, answer.body) == (200, b"--b\r\n\r\nx\r\n--b--")
    assert "evil" not in repr(answer.headers).lower()
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")


@pytest.mark.parametrize("target", ["?StudyInstanceUID={A}", "/{A}/series", "/{A}/metadata", "/{A}/instances"])
def test_68_a_row_of_another_study_is_dropped_and_an_alert(hospital: Hospital, fake: Fake, target: str) -> None:
    browser = hospital.sign_in("radiologist")
    before = alerts()
    fake.reply = Reply(body=json.dumps([row(hospital.b.study), row(hospital.a.study)]).encode())
    answer = hospital.ask(f"{ROOT}/studies{target}".replace("{A}", hospital.a.study), browser)
    assert [one["0020000D"]["Value"][0] for one in answer.json()] == [hospital.a.study]
    assert hospital.b.study.encode() not in answer.body
    assert alerts() == before + 1


def test_68_a_row_of_the_granted_study_with_another_patient_is_dropped(
    hospital: Hospital, fake: Fake, rita: Browser
) -> None:
    mine, stray = row(hospital.a.study, hospital.a.place.patient_id), row(hospital.a.study, "SOMEBODY-ELSE")
    fake.reply = Reply(body=json.dumps([stray, mine]).encode())
    answer = hospital.ask(f"{ROOT}/studies?StudyInstanceUID={hospital.a.study}", rita)
    assert [one["00100020"]["Value"][0] for one in answer.json()] == [hospital.a.place.patient_id]


@pytest.mark.parametrize("whose", ["nobody's", "two persons'"])
def test_a_number_that_names_no_one_person_asks_the_archive_nothing(
    hospital: Hospital, fake: Fake, rita: Browser, whose: str
) -> None:
    study = Study.objects.get(study_instance_uid=hospital.a.study)
    link = study.links.get(active=True)
    namesake = None
    if whose == "two persons'":
        other = hospital.world.requested()
        namesake = StudyLink.objects.create(study=study, requested_procedure=other, evidence="test", linked_by="test")
    else:
        study.links.update(active=False)
    fake.seen.clear()
    fake.reply, before = Reply(body=json.dumps([row(hospital.b.study)]).encode()), alerts()
    try:
        answer = hospital.ask(f"{ROOT}/studies?PatientID={study.patient_id_text}&limit=200", rita)
        assert (answer.status, answer.json(), fake.seen) == (200, [], [])
        assert alerts() == before, "nothing happened that anybody must look at"
    finally:
        if namesake:
            namesake.delete()
        study.links.filter(pk=link.pk).update(active=True)


def test_addresses_of_anybody_become_ours_or_go(hospital: Hospital, fake: Fake, rita: Browser) -> None:
    one = f"/studies/{hospital.a.study}/series/1.2/instances/1.3"
    place = f"{one}/bulk/00420011"
    nested = {"00420011": {"vr": "OB", "BulkDataURI": f"https://evil.example/x{place}"}}
    dataset = row(hospital.a.study) | {
        "00420011": {"vr": "OB", "BulkDataURI": f"http://localhost/dicom-web{place}"},
        "00081190": {"vr": "UR", "Value": [f"http://evil.example{one}", "http://evil.example/"]},
        "00400555": {"vr": "SQ", "Value": [nested]},
        "7FE00010": {"vr": "OW", "BulkDataURI": f"http://x/studies/{hospital.b.study}/bulk/7fe00010"},
        "00091001": {"vr": "OB", "BulkDataURI": "javascript:alert(1)"},
    }
    fake.reply = Reply(body=json.dumps([dataset]).encode())
    found = hospital.ask(f"{hospital.a.path}/metadata", rita).json()[0]
    assert found["00420011"]["BulkDataURI"] == ROOT + place
    assert found["00400555"]["Value"][0]["00420011"]["BulkDataURI"] == ROOT + place
    assert found["00081190"]["Value"] == [ROOT + one]
    assert "BulkDataURI" not in found["7FE00010"]
    assert "BulkDataURI" not in found["00091001"]


@pytest.mark.parametrize("body", [b"{}", b"nonsense", b"[1]", b"[" * 5000 + b"]" * 5000, b'[{"0020000D": 5}]'])
def test_malformed_json_is_never_passed_on(hospital: Hospital, fake: Fake, rita: Browser, body: bytes) -> None:
    fake.reply = Reply(body=body)
    assert hospital.ask(f"{hospital.a.path}/metadata", rita).status in {404, 502}


@pytest.mark.parametrize(("theirs", "ours"), [(404, 404), (400, 404), (401, 502), (403, 502), (500, 502), (503, 503)])
def test_errors_of_the_archive_are_told_in_our_words(
    hospital: Hospital, fake: Fake, rita: Browser, theirs: int, ours: int
) -> None:
    fake.reply = Reply(theirs, {"Content-Type": "text/plain"}, b"secret of the archive")
    for target in (f"{hospital.a.path}/metadata", f"{hospital.a.first}/frames/1"):
        answer = hospital.ask(target, rita)
        assert (answer.status, b"secret" in answer.body) == (ours, False)


def knows(fake: Fake, hospital: Hospital) -> str:
    """Let the fake be an Orthanc that has one object of study A; its name there."""
    a = hospital.a
    own = names.of(a.place.patient_id, a.study)
    one = names.of(a.place.patient_id, a.study, a.series, a.instances[0])
    files = [{"ID": one, "FileUuid": str(uuid.uuid4())}]
    text = {"Content-Type": "text/plain"}
    fake.at = {
        f"/studies/{own}/statistics": Reply(body=uuid.uuid4().hex.encode()),
        f"/studies/{own}/metadata/LastUpdate": Reply(headers=text, body=b"20261120T101500"),
        f"/studies/{own}/instances": Reply(body=json.dumps(files).encode()),
        f"/instances/{one}/metadata/TransferSyntax": Reply(headers=text, body=b"1.2.840.10008.1.2.4.90"),
        f"/instances/{one}/frames/0/raw": Reply(headers={"Content-Type": "text/html"}, body=b"codestream"),
    }
    return one


def test_a_frame_is_asked_by_names_that_only_the_granted_study_has(
    hospital: Hospital, fake: Fake, rita: Browser
) -> None:
    time.sleep(2.1)  # what was known of the study before is confirmed anew
    one = knows(fake, hospital)
    fake.reply = Reply(404, {"Content-Type": "text/plain"}, b"")
    stray = f"{hospital.a.path}/series/{hospital.b.series}/instances/{hospital.b.instances[0]}/frames/1"
    answers = [hospital.ask(target, rita) for target in (f"{hospital.a.first}/frames/1", stray)]
    assert [answer.status for answer in answers] == [200, 404]
    assert b"transfer-syntax=1.2.840.10008.1.2.4.90\r\nContent-Length: 10\r\n\r\ncodestream" in answers[0].body
    assert answers[0].headers["content-type"].startswith("multipart/related")
    asked = {target.split("/")[2] for _method, target, _headers in fake.seen if target.startswith("/instances/")}
    assert asked == {one}


def test_an_orthanc_that_lies_about_its_files_names_nothing_else(hospital: Hospital, fake: Fake, rita: Browser) -> None:
    time.sleep(2.1)
    one = knows(fake, hospital)
    (place,) = [target for target in fake.at if target.endswith("/instances")]
    fake.at[place] = Reply(body=json.dumps([{"ID": one, "FileUuid": "../../secret"}]).encode())
    fake.reply = Reply(headers=FRAME, body=b"--b\r\n\r\nx\r\n--b--")
    assert hospital.ask(f"{hospital.a.first}/frames/1", rita).body == fake.reply.body  # over DICOMweb, uncached
    assert not [target for _method, target, _headers in fake.seen if target.startswith("/instances/")]


def test_what_calls_itself_a_pdf_and_is_none_never_goes_out(hospital: Hospital, fake: Fake, rita: Browser) -> None:
    dataset = row(hospital.a.study) | {"00080016": {"vr": "UI", "Value": ["1.2.840.10008.5.1.4.1.1.104.1"]}}
    fake.reply = Reply(body=json.dumps([dataset]).encode())
    answer = hospital.ask(f"{hospital.a.first}/rendered", rita)
    assert answer.status == 502


def test_49_two_hundred_broken_off_downloads_leave_nothing_open(hospital: Hospital, fake: Fake, rita: Browser) -> None:
    fake.reply, fake.endless = Reply(headers=FRAME, body=b"--b\r\n\r\n"), True
    request = f"GET {hospital.a.first}/frames/1 HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {rita.cookie}\r\n\r\n".encode()

    def break_off(_: int) -> bool:
        with socket.create_connection(("127.0.0.1", hospital.port), timeout=20) as wire:
            wire.sendall(request)
            return wire.recv(4096).startswith(b"HTTP/1.1 200")

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(break_off, range(200)))
    deadline = time.monotonic() + 5
    while fake.open_now and time.monotonic() < deadline:
        time.sleep(0.05)
    assert fake.open_now == 0


def test_50_one_greedy_user_is_capped_and_another_is_served(hospital: Hospital, fake: Fake, rita: Browser) -> None:
    fake.reply, fake.endless = Reply(headers=FRAME, body=b"--b\r\n\r\n"), True
    target = f"GET {hospital.a.first}/frames/1 HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {rita.cookie}\r\n\r\n".encode()
    wires = [socket.create_connection(("127.0.0.1", hospital.port), timeout=20) for _ in range(300)]
    statuses: list[int] = []
    try:
        for wire in wires:
            wire.sendall(target)
        until = time.monotonic() + 30
        while statuses.count(429) < 300 - 212 and time.monotonic() < until:
            time.sleep(0.5)
            statuses = [status_so_far(wire) for wire in wires]
        assert statuses.count(429) == 300 - 212
        assert fake.busiest <= 12
        other = hospital.sign_in("resident")
        began = time.monotonic()
        with socket.create_connection(("127.0.0.1", hospital.port), timeout=10) as wire:
            wire.sendall(target.replace(rita.cookie.encode(), other.cookie.encode()))
            assert wire.recv(16).startswith(b"HTTP/1.1 200")
        assert time.monotonic() - began < 5
    finally:
        for wire in wires:
            wire.close()


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_whatever_is_asked_only_granted_grammatical_requests_go_out(
    hospital: Hospital, fake: Fake, rita: Browser, data: st.DataObject
) -> None:
    words = [
        "studies",
        "series",
        "instances",
        "metadata",
        "frames",
        "1",
        "..",
        "%2e%2e",
        "rendered",
        "bulk",
        "7fe00010",
    ]
    words += [hospital.a.study, hospital.b.study, hospital.a.series, hospital.a.instances[0]]
    noise = st.binary(min_size=1, max_size=6).map(lambda raw: quote_from_bytes(raw, safe="\\;,&=~"))
    segments = data.draw(st.lists(st.one_of(st.sampled_from(words), noise), min_size=1, max_size=8))
    keys = st.sampled_from(["StudyInstanceUID", "0020000D", "PatientID", "limit", "includefield", "SeriesInstanceUID"])
    values = st.one_of(st.sampled_from([hospital.a.study, hospital.b.study, "1", "all", "*"]), noise)
    query = "&".join(f"{key}={value}" for key, value in data.draw(st.lists(st.tuples(keys, values), max_size=3)))
    fake.seen.clear()
    hospital.ask(f"{ROOT}/{'/'.join(segments)}" + (f"?{query}" if query else ""), rita)
    own = names.of(hospital.a.place.patient_id, hospital.a.study)
    for method, target, _headers in fake.seen:
        assert method == "GET"
        if target.startswith("/studies/"):
            assert target in {f"/studies/{own}/{what}" for what in ("statistics", "metadata/LastUpdate", "instances")}
            continue
        assert GRAMMAR.fullmatch(target)
        assert hospital.b.study not in target
        assert re.search(r"studies/([0-9.]+)|StudyInstanceUID=([0-9.,]+)", target)[0].endswith(hospital.a.study)  # type: ignore[index]
