"""The DICOMweb grammar: what passes, what is refused, and that nothing else can ever come out."""

from __future__ import annotations

import re
from urllib.parse import quote_from_bytes

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from viewer.grammar import Dicomweb, Endpoint, Refusal, parse, upstream_path, upstream_query

S, R, I = "1.2.3", "1.2.3.4", "1.2.3.4.5"  # noqa: E741  study, series, instance as PS3.18 orders them
DEEP = f"studies/{S}/series/{R}/instances/{I}"
UPSTREAM = re.compile(
    r"/studies(/[0-9.]{1,64}(/(metadata|series|instances)"
    r"|/series/[0-9.]{1,64}(/(metadata|instances|rendered)"
    r"|/instances/[0-9.]{1,64}(/metadata|/rendered|/frames/[0-9,]+|/bulk/[0-9A-Fa-f/]+)?))?)?"
)
SAFE_QUERY = re.compile(r"[A-Za-z0-9.,=&]*")


def status(method: str, path: bytes, query: bytes = b"") -> int:
    found = parse(method, path, query)
    return found.status if isinstance(found, Refusal) else 200


@pytest.mark.parametrize(
    ("path", "endpoint", "upstream"),
    [
        (f"studies/{S}/metadata", Endpoint.STUDY_METADATA, f"/studies/{S}/metadata"),
        (f"studies/{S}/series", Endpoint.STUDY_SERIES, f"/studies/{S}/series"),
        (f"studies/{S}/instances", Endpoint.STUDY_INSTANCES, f"/studies/{S}/instances"),
        (f"studies/{S}/series/{R}/metadata", Endpoint.SERIES_METADATA, f"/studies/{S}/series/{R}/metadata"),
        (f"studies/{S}/series/{R}/instances", Endpoint.SERIES_INSTANCES, f"/studies/{S}/series/{R}/instances"),
        (f"studies/{S}/series/{R}/thumbnail", Endpoint.SERIES_RENDERED, f"/studies/{S}/series/{R}/rendered"),
        (DEEP, Endpoint.INSTANCE, f"/{DEEP}"),
        (f"{DEEP}/metadata", Endpoint.INSTANCE_METADATA, f"/{DEEP}/metadata"),
        (f"{DEEP}/frames/1,3", Endpoint.FRAMES, f"/{DEEP}/frames/1,3"),
        (f"{DEEP}/rendered", Endpoint.INSTANCE_RENDERED, f"/{DEEP}/rendered"),
        (f"{DEEP}/thumbnail", Endpoint.INSTANCE_RENDERED, f"/{DEEP}/rendered"),
        (f"{DEEP}/bulk/7fe00010", Endpoint.BULK, f"/{DEEP}/bulk/7fe00010"),
        (f"{DEEP}/bulk/00420011/1/00420011", Endpoint.BULK, f"/{DEEP}/bulk/00420011/1/00420011"),
    ],
)
def test_each_endpoint_is_rebuilt_from_its_parts(path: str, endpoint: Endpoint, upstream: str) -> None:
    found = parse("GET", path.encode(), b"")
    assert isinstance(found, Dicomweb)
    assert (found.endpoint, found.studies, upstream_path(found)) == (endpoint, (S,), upstream)


@pytest.mark.parametrize(
    "path",
    [
        b"series",
        b"instances",
        b"studies/1.2.3",
        b"studies/1.2.3/",
        b"studies/1.2.3/../4.5/metadata",
        b"studies/1.2.3/%2e%2e/4.5/metadata",
        b"studies/1.2.3%2f..%2f4.5/metadata",
        b"studies/1.2.3\\..\\4.5/metadata",
        b"studies/1.2.3%5c..%5c4.5/metadata",
        b"studies/1.2.3/%252e%252e/4.5/metadata",
        b"../instances",
        b"%2e%2e/instances",
        b"/studies//1.2.3//metadata",
        b"studies/1.2.3;x=1/metadata",
        b"studies/1.2.3%00/metadata",
        b"studies/1.2.3\x00/metadata",
        b"studies/1.2.3/metadata\n",
        "studies/1.٢.3/metadata".encode(),
        b"studies/1.2.03/metadata",
        b"studies/01.2/metadata",
        b"studies/.1.2/metadata",
        b"studies/1..2/metadata",
        b"studies/1.2./metadata",
        b"studies/" + b"1." * 32 + b"1/metadata",
        b"studies/1.2.3/series/1.2/instances/1.2/frames/0",
        b"studies/1.2.3/series/1.2/instances/1.2/frames/1,",
        b"studies/1.2.3/series/1.2/instances/1.2/bulk/../../../4.5",
        b"studies/1.2.3/series/1.2/instances/1.2/bulk/zz",
        b"wado",
        b"servers/evil",
        b"tools/find",
    ],
)
def test_what_is_not_in_the_grammar_does_not_exist(path: bytes) -> None:
    assert status("GET", path) == 404


@pytest.mark.parametrize("method", ["DELETE", "PUT", "PATCH", "TRACE", "HEAD", "OPTIONS", "GETT", "get"])
def test_other_methods_are_refused(method: str) -> None:
    assert status(method, b"studies/1.2.3/metadata") == 405
    assert status(method, b"studies/1.2.3") == 405


def test_a_native_door_raises_an_alarm_whatever_the_method() -> None:
    for found in (parse("PUT", b"servers/evil", b""), parse("POST", b"tools/find", b"")):
        assert isinstance(found, Refusal)
        assert (found.status, found.alarm) == (404, True)


@pytest.mark.parametrize("tail", [b"", b"/series/4.5", b"/rendered", b"/series/4.5/instances/6.7/frames/1/rendered"])
def test_what_dicomweb_has_and_is_not_offered_is_no_door_but_says_whose_study_it_names(tail: bytes) -> None:
    found = parse("GET", b"studies/1.2.3" + tail, b"")
    assert isinstance(found, Refusal)
    assert (found.status, found.named) == (404, ("1.2.3",))


@pytest.mark.parametrize(
    ("path", "query", "named"),
    [
        (b"studies", b"StudyInstanceUID=1.2.3&0020000d=4.5", ("1.2.3", "4.5")),
        (b"studies", b"StudyInstanceUID=1.2.3,4.5&limit=0", ("1.2.3", "4.5")),
        (b"studies", b"PatientName=B*", ("",)),
        (b"studies", b"PatientID=%ff", ("",)),
        (b"studies/1.2.3/series", b"%53tudyInstanceUID=4.5", ("4.5",)),
        (b"studies/1.2.3/series", b"StudyInstanceUID=1.2.3", ()),
        (b"studies/1.2.3/series", b"limit=-1", ()),
        (b"studies", b"", ()),
    ],
)
def test_a_refused_question_says_whom_it_named(path: bytes, query: bytes, named: tuple[str, ...]) -> None:
    found = parse("GET", path, query)
    assert isinstance(found, Refusal)
    assert (found.status, found.named, found.alarm) == (400, named, bool(named))


def test_an_overlong_path_or_query_is_refused_as_such() -> None:
    assert status("GET", b"studies/" + b"1" * 20_000) == 414
    assert status("GET", b"studies", b"StudyInstanceUID=" + b"1" * 20_000) == 414


@pytest.mark.parametrize(
    "query",
    [
        b"",
        b"limit=10",
        b"StudyInstanceUID=1.2.3%5C4.5",
        b"StudyInstanceUID=1.2.3&StudyInstanceUID=4.5",
        b"StudyInstanceUID=1.2.3&0020000D=4.5",
        b"studyinstanceuid=1.2.3&0020000d=4.5",
        b"StudyInstanceUID=1.2.826*",
        b"StudyInstanceUID=",
        b"StudyInstanceUID=1.2.3,",
        b"PatientName=B*",
        b"PatientName=a%0d%0aSet-Cookie:x",
        b"AccessionNumber=ACC1",
        b"PatientID=P*",
        b"PatientID=A%0d%0aB",
        b"PatientID=",
        b"PatientID=%ff",
        b"PatientID=%4",
        b"NoSuchTag=1",
        b"StudyInstanceUID=1.2.3&00081234=1",
        b"StudyInstanceUID=1.2.3&limit=-1",
        b"StudyInstanceUID=1.2.3&limit=0",
        b"StudyInstanceUID=1.2.3&limit=abc",
        b"StudyInstanceUID=1.2.3&offset=99999999999",
        b"StudyInstanceUID=1.2.3&includefield=00081030%26limit=9",
        b"StudyInstanceUID=1.2.3&fuzzymatching=1",
        b"StudyInstanceUID",
    ],
)
def test_a_study_query_outside_the_allow_list_is_a_bad_request(query: bytes) -> None:
    assert status("GET", b"studies", query) == 400


@pytest.mark.parametrize("tail", [b"series", b"instances", b"metadata"])
def test_the_path_names_the_study_and_no_query_may_name_another(tail: bytes) -> None:
    assert status("GET", b"studies/1.2.3/" + tail, b"StudyInstanceUID=4.5") == 400
    assert status("GET", b"studies/1.2.3/" + tail, b"0020000D=4.5") == 400


def test_the_encoded_comma_of_includefield_reaches_the_archive_as_a_comma() -> None:
    found = parse(
        "GET", b"studies", b"limit=101&fuzzymatching=false&includefield=00081030%2C00080060&StudyInstanceUID=1.2.3"
    )
    assert isinstance(found, Dicomweb)
    assert upstream_query(found, ["1.2.3"]) == "StudyInstanceUID=1.2.3&includefield=00081030,00080060&limit=101"


def test_a_study_query_is_always_limited() -> None:
    for query in (b"StudyInstanceUID=1.2.3", b"StudyInstanceUID=1.2.3&limit=1000000"):
        found = parse("GET", b"studies", query)
        assert isinstance(found, Dicomweb)
        assert found.query.limit == 200


def test_a_patient_identifier_is_decoded_and_never_part_of_the_upstream_query() -> None:
    found = parse("GET", b"studies", b"PatientID=M%C3%BC%2F1%261")
    assert isinstance(found, Dicomweb)
    assert found.query.patient_id == "Mü/1&1"
    assert upstream_query(found, ["1.2.3"]) == "StudyInstanceUID=1.2.3&limit=200"


def test_several_studies_are_a_comma_list_without_doubles() -> None:
    found = parse("GET", b"studies", b"0020000D=1.2.3,4.5,1.2.3")
    assert isinstance(found, Dicomweb)
    assert found.studies == ("1.2.3", "4.5")


def test_a_rendered_image_may_be_asked_as_jpeg_only() -> None:
    path = f"{DEEP}/rendered".encode()
    assert status("GET", path, b"accept=image/jpeg") == 200
    assert status("GET", path, b"accept=image%2Fjpeg") == 200
    assert status("GET", path, b"accept=text/html") == 406
    assert status("GET", path, b"viewport=1,1") == 400


SEGMENT = st.one_of(
    st.binary(max_size=12),
    st.sampled_from(
        [b"studies", b"series", b"instances", b"frames", b"1", b"1.2.3", b"metadata", b"..", b"%2e%2e", b"rendered"]
    ),
)


@given(
    method=st.sampled_from(["GET", "POST", "PUT"]),
    segments=st.lists(SEGMENT, max_size=9),
    query=st.one_of(
        st.binary(max_size=60),
        st.lists(
            st.tuples(
                st.sampled_from([b"StudyInstanceUID", b"PatientID", b"limit", b"includefield", b"0020000E"]),
                st.binary(max_size=9),
            ),
            max_size=3,
        ).map(lambda pairs: b"&".join(key + b"=" + quote_from_bytes(value).encode() for key, value in pairs)),
    ),
)
@example(method="GET", segments=[b"studies", b"1.2.3", b"series"], query=b"limit=3")
def test_whatever_bytes_come_in_only_grammatical_addresses_go_out(
    method: str, segments: list[bytes], query: bytes
) -> None:
    found = parse(method, b"/".join(segments), query)
    if isinstance(found, Refusal):
        assert found.status in {400, 404, 405, 406, 414}
        return
    assert UPSTREAM.fullmatch(upstream_path(found)) or found.endpoint is Endpoint.STORE
    assert SAFE_QUERY.fullmatch(upstream_query(found, found.studies))
    assert set(re.findall(r"studies/([^/]+)", upstream_path(found))) <= set(found.studies)
