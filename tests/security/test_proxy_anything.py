"""Whatever is asked, by whatever method and way: what goes out to the archive is a granted, grammatical GET.

The archive here is a fake that knows one object of study A and records every request. Two parsers read raw bytes: that
of the door itself, and that of the address which nginx asks about (X-Original-URI).
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import quote_from_bytes

import pytest
from django.test import override_settings
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.security.test_proxy_upstream import FRAME, GRAMMAR, knows
from tests.security.upstream_fake import Fake, Reply, fake_archive
from tests.viewer import objects
from tests.viewer.hospital import ROOT, Answer, Browser, Hospital
from viewer import permit
from viewer.caching import names

METHODS = ["GET"] * 4 + ["POST", "PUT", "DELETE", "PATCH", "PROPFIND", "OPTIONS"]
KEYS = ["StudyInstanceUID", "0020000D", "PatientID", "limit", "includefield", "SeriesInstanceUID", "accept"]
NOISE = st.binary(min_size=1, max_size=6).map(lambda raw: quote_from_bytes(raw, safe="\\;,&=~"))


@pytest.fixture(scope="module")
def fake(hospital: Hospital) -> Iterator[Fake]:
    with fake_archive() as found, override_settings(ORTHANC_URL=found.url, PIXELS="nginx"):
        found.reply = Reply(headers=FRAME, body=b"--b\r\n\r\nx\r\n--b--")
        yield found


@dataclass(frozen=True)
class Asked:
    """One request: `target` is the address itself, or what nginx would ask about."""

    method: str
    target: str
    through_nginx: bool
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


def requests(hospital: Hospital, rita: Browser) -> st.SearchStrategy[Asked]:
    a, b = hospital.a, hospital.b
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
    words += [a.study, a.series, a.instances[0], b.study, b.series, b.instances[0]]
    segment = st.one_of(st.sampled_from(words), NOISE)
    good = [["studies", a.study, "series", a.series, "instances", a.instances[0], "frames", "1"]]
    good += [["studies", a.study, what] for what in ("metadata", "series", "instances")]
    near = st.tuples(st.sampled_from(good), st.integers(-1, 7), segment).map(
        lambda drawn: [drawn[2] if at == drawn[1] else one for at, one in enumerate(drawn[0])]
    )
    path = st.one_of(near, st.lists(segment, min_size=1, max_size=8)).map("/".join)
    value = st.one_of(
        st.sampled_from([a.study, b.study, f"{a.study},{b.study}", b.place.patient_id, "1", "all", "*"]), NOISE
    )
    pair = st.tuples(st.sampled_from(KEYS), value).map("=".join)
    query = st.lists(pair, max_size=2).map("&".join).map(lambda text: f"?{text}" if text else "")
    foreign = f"{b.first}/frames/1"
    stray = objects.multipart(objects.structured_report(b.place, "2.25.1", "2.25.2"))
    noise = st.sampled_from(
        [{}, {"X_Original_URI": foreign}, {"X_HTTP_Method_Override": "GET"}, {"X_Forwarded_Prefix": "/dicom-web"},
         {"Accept": "image/jls"}, {"Content_Type": stray[0]}, {"Range": "bytes=0-1"}, {"Sec_Fetch_Site": "cross-site"}]
    )  # fmt: skip
    bearer = {"Authorization": f"Bearer {rita.csrf}"}
    return st.builds(
        Asked,
        method=st.sampled_from(METHODS),
        target=st.tuples(st.sampled_from([f"{ROOT}/", f"{ROOT}/", "/", "/viewer/"]), path, query).map("".join),
        through_nginx=st.booleans(),
        headers=noise.map(lambda more: bearer | more),
        body=st.one_of(st.just(b""), st.binary(max_size=40), st.just(stray[1])),
    )


def send(hospital: Hospital, who: Browser, asked: Asked) -> Answer:
    body = asked.body if asked.method in {"POST", "PUT", "PATCH"} else b""
    headers = dict(asked.headers)
    target = asked.target
    if asked.through_nginx:
        headers["X_Original_URI"], target = target, permit.PATH
    return hospital.ask(target, who, method=asked.method, body=body, **headers)


def test_whatever_is_asked_only_granted_grammatical_requests_go_out(
    hospital: Hospital, fake: Fake, rita: Browser
) -> None:
    time.sleep(2.1)  # what was known of the study before is confirmed anew
    one = knows(fake, hospital)
    own = names.of(hospital.a.place.patient_id, hospital.a.study)
    facts = {f"/studies/{own}/{what}" for what in ("statistics", "metadata/LastUpdate", "instances")}
    reached: list[str] = []
    permitted: list[str] = []

    mine, bearer = f"{ROOT}/studies/{hospital.a.study}", {"Authorization": f"Bearer {rita.csrf}"}
    frame = f"{mine}/series/{hospital.a.series}/instances/{hospital.a.instances[0]}/frames/1"

    @settings(max_examples=150, deadline=None)
    @example(asked=Asked("GET", f"{mine}/series", through_nginx=False, headers=bearer))
    @example(asked=Asked("GET", frame, through_nginx=True, headers=bearer))
    @given(asked=requests(hospital, rita))
    def holds(asked: Asked) -> None:
        fake.seen.clear()
        answer = send(hospital, rita, asked)
        assert hospital.b.study.encode() not in answer.body
        raw = answer.headers.get("x-isocenter-raw", "")
        assert not raw or raw.startswith(f"instances/{one}/")
        permitted.extend([raw] if raw else [])
        for method, target, _headers in fake.seen:
            assert method == "GET"
            if target in facts or target.startswith(f"/instances/{one}/"):
                continue
            assert GRAMMAR.fullmatch(target)
            assert hospital.b.study not in target
            named = re.search(r"studies/([0-9.]+)|StudyInstanceUID=([0-9.,]+)", target)
            assert named is not None
            assert named[0].endswith(hospital.a.study)
            reached.append(target)

    holds()
    assert reached, "what is granted does go out"
    assert permitted, "and nginx is told of it"
