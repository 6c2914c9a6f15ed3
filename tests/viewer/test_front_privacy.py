"""nginx in front says nothing: no header of the archive reaches a browser, and no name of a patient reaches a log."""

from __future__ import annotations

import http.client
from collections.abc import Iterator
from dataclasses import replace

import pytest
from django.test import override_settings

from ris.dicom.orthanc.process import OrthancProcess
from tests.services import nginx
from tests.services.server import free_port
from tests.viewer.hospital import Browser, Hospital, exam
from tests.viewer.talkative import Talkative, talkative
from viewer import grants, permit, prefetch
from viewer.front import authorization, hidden
from viewer.refusals import HEADERS
from worklist.models import Study

OURS = {name.lower() for name in HEADERS} | {"content-type", "date", "server", "connection", "transfer-encoding"}


@pytest.fixture(scope="module")
def archive(pacs: OrthancProcess) -> Iterator[Talkative]:
    """The module's Orthanc, and what stands between it and us."""
    with talkative(pacs.url) as found, override_settings(ORTHANC_URL=found.url):
        yield found


@pytest.fixture(scope="module")
def served(hospital: Hospital, archive: Talkative) -> Iterator[nginx.Running]:
    with (
        override_settings(PIXELS="nginx", ALLOWED_HOSTS=["127.0.0.1"], ALLAUTH_TRUSTED_PROXY_COUNT=1),
        nginx.started(hospital.port, archive.url.removeprefix("http://"), authorization()) as found,
        override_settings(NGINX_WARM_URL=f"http://127.0.0.1:{found.warm}"),
    ):
        yield found


@pytest.fixture
def fronted(hospital: Hospital, served: nginx.Running, archive: Talkative, monkeypatch: pytest.MonkeyPatch) -> Hospital:
    monkeypatch.setattr(permit, "_plain_until", {})
    archive.adds.clear()
    archive.seen.clear()
    return replace(hospital, port=served.port)


def frame_of_a_new_exam(fronted: Hospital, name: str) -> str:
    return f"{exam(fronted.world, fronted.world.north, fronted.world.clerk, name, slices=1).first}/frames/1"


def by_nginx(archive: Talkative) -> bool:
    """Whether nginx itself fetched a frame: it names no host but its own."""
    return any(headers["host"] == "isocenter" for headers in archive.frames())


def test_no_header_of_the_archive_reaches_the_browser_with_a_frame(
    fronted: Hospital, archive: Talkative, rita: Browser
) -> None:
    archive.adds |= {name.title(): "evil" for name in hidden() - {"content-type", "location", "refresh"}}
    archive.adds |= {"Location": "http://evil.example/", "Refresh": "0; url=http://evil.example/"}
    path = frame_of_a_new_exam(fronted, "Loud")
    for _ in range(2):  # from the archive, and from the cache
        answer = fronted.ask(path, rita)
        assert answer.status == 200
        assert set(answer.headers) <= OURS
        assert {name: answer.headers[name.lower()] for name in HEADERS} == HEADERS
    assert by_nginx(archive), "and this was the short way"


def test_a_header_that_nobody_knows_does_not_reach_the_browser_either(
    fronted: Hospital, archive: Talkative, rita: Browser
) -> None:
    archive.adds["X-Evil"] = "1"
    answer = fronted.ask(frame_of_a_new_exam(fronted, "Strange"), rita)
    assert (answer.status, set(answer.headers) - OURS - {"content-length"}) == (200, set())
    assert not by_nginx(archive)


def test_nginx_obeys_no_word_of_the_archive(fronted: Hospital, archive: Talkative, rita: Browser) -> None:
    one = exam(fronted.world, fronted.world.north, fronted.world.clerk, "Order", slices=2)
    first, second = (f"{one.path}/series/{one.series}/instances/{sop}/frames/1" for sop in one.instances)
    whole = len(fronted.ask(first, rita).body)  # the archive is plain, for a minute
    archive.adds |= {"X-Accel-Redirect": "/isocenter-part-begins", "X-Accel-Limit-Rate": "1", "Set-Cookie": "a=b"}
    answer = fronted.ask(second, rita)
    assert (answer.status, len(answer.body)) == (200, whole)
    assert set(answer.headers) <= OURS
    assert by_nginx(archive)


def test_what_the_archive_gets_to_see_with_a_frame_is_ours(
    fronted: Hospital, archive: Talkative, rita: Browser
) -> None:
    path = frame_of_a_new_exam(fronted, "Quiet")
    assert fronted.ask(path, rita, Forwarded="host=evil", X_Evil="1", Range="bytes=0-3").status == 200
    sent = [headers for headers in archive.frames() if headers["host"] == "isocenter"]
    assert [set(headers) for headers in sent] == [{"host", "authorization", "accept-encoding"}]


def test_no_name_that_is_searched_for_stands_in_a_log(
    fronted: Hospital, hospital: Hospital, served: nginx.Running, rita: Browser
) -> None:
    name = "Zwetschkenbaum"
    for target in (
        f"/fhir/Patient?name={name}&birthdate=1970-01-01",
        f"/patients/?q={name}",
        f"/{name}/",
        f"/patients/{name}",
        f"{fronted.a.first}/frames/1?x={name}",
    ):
        fronted.ask(target, rita, Referer=f"http://127.0.0.1/patients/?q={name}", User_Agent=name)
    fronted.ask(f"/viewer/dicom-web/studies?PatientName={name}", rita, method="POST", body=b"x" * 200_000)
    gone = nginx.started(free_port(), "127.0.0.1:1", authorization())  # nobody listens behind: an error of nginx's own
    with gone as lonely:
        assert replace(hospital, port=lonely.port).ask(f"/patients/?q={name}", rita).status == 502
        assert lonely.comes(" GET patients 502 "), lonely.log
        assert name not in lonely.everything_written
    assert served.comes(" POST viewer/dicom-web ")
    assert served.comes(" GET fhir ")
    assert name not in served.everything_written
    assert not any(line.count("?") for line in served.log)


def test_first_images_that_were_fetched_ahead_are_in_nginxs_cache(
    fronted: Hospital, archive: Talkative, served: nginx.Running, rita: Browser
) -> None:
    one = exam(fronted.world, fronted.world.north, fronted.world.clerk, "Ahead", slices=5)
    study = Study.objects.get(study_instance_uid=one.study)
    assert prefetch.fetch(grants.for_the_system(study)) == 2
    assert served.comes(" HEAD ", 2)
    archive.seen.clear()
    for sop, cached in zip(one.instances[:3], (True, False, True), strict=True):
        assert fronted.ask(f"{one.path}/series/{one.series}/instances/{sop}/frames/1", rita).status == 200
        assert by_nginx(archive) is not cached
        archive.seen.clear()
    assert fronted.ask(f"{one.first}/frames/1").status == 401, "for those alone who may see it"


@pytest.mark.parametrize("word", ["", "0" * 64])
def test_nobody_but_the_ris_lays_anything_into_the_cache(
    hospital: Hospital, archive: Talkative, served: nginx.Running, word: str
) -> None:
    archive.seen.clear()
    raw = {"X-Isocenter-Raw": "instances/0-1/frames/0/raw", "X-Isocenter-Frame": "0-1.f1"}
    for method in ("HEAD", "GET"):
        wire = http.client.HTTPConnection("127.0.0.1", served.warm, timeout=20)
        wire.request(method, "/isocenter-warm", headers=raw | {"X-Isocenter-Warm": word})
        assert wire.getresponse().status == 404
        wire.close()
    assert replace(hospital, port=served.warm).ask("/patients/").status == 404
    assert replace(hospital, port=served.port).ask("/isocenter-warm").status == 404
    assert archive.seen == []
