"""Multipart bodies, whole and damaged."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from viewer.multipart import PARTS_MAX, BodyError, parts

HEADER = 'multipart/related; type="application/dicom"; boundary=EOF'


def body(*contents: bytes, boundary: bytes = b"EOF") -> bytes:
    head = b"--" + boundary + b"\r\nContent-Type: application/dicom\r\n\r\n"
    return b"".join(head + content + b"\r\n" for content in contents) + b"--" + boundary + b"--"


def refusal(content_type: str, raw: bytes) -> int:
    with pytest.raises(BodyError) as caught:
        parts(content_type, raw)
    return caught.value.status


@given(st.lists(st.binary(max_size=200).filter(lambda one: b"\r\n--EOF" not in one), min_size=1, max_size=5))
def test_what_was_wrapped_is_unwrapped_unchanged(contents: list[bytes]) -> None:
    assert parts(HEADER, body(*contents)) == contents


@given(st.binary(max_size=300))
def test_any_bytes_are_taken_apart_or_refused(raw: bytes) -> None:
    for candidate in (raw, b"--EOF" + raw, b"--EOF\r\n\r\n" + raw + b"\r\n--EOF--"):
        try:
            found, status = parts(HEADER, candidate), 200
        except BodyError as error:
            found, status = [], error.status
        assert status in {200, 400, 413, 415}
        assert all(b"\r\n--EOF" not in one for one in found)


def test_a_preamble_before_the_first_boundary_and_headerless_parts_are_understood() -> None:
    assert parts(HEADER, b"hello\r\n--EOF\r\n\r\nabc\r\n--EOF--\r\n") == [b"abc"]


@pytest.mark.parametrize(
    ("content_type", "status"),
    [
        ("text/plain", 415),
        ("", 415),
        ("multipart/form-data; boundary=EOF", 415),
        ('multipart/related; type="application/dicom+json"; boundary=EOF', 415),
        ('multipart/related; type="application/dicom"', 400),
        ('multipart/related; type="application/dicom"; boundary=""', 400),
        (f'multipart/related; type="application/dicom"; boundary={"x" * 71}', 400),
    ],
)
def test_other_content_types_and_boundaries_are_refused(content_type: str, status: int) -> None:
    assert refusal(content_type, body(b"abc")) == status


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        (b"", 400),
        (b"garbage", 400),
        (b"--EOF--", 400),
        (b"--EOF\r\n\r\nabc", 400),
        (b"--EOF\r\nContent-Type: application/dicom\r\n", 400),
        (b"--EOF\r\nContent-Type: application/dicom\r\n\r\nabc\r\n--EOFX--", 400),
        (b"--EOF\r\nContent-Type: text/html\r\n\r\nabc\r\n--EOF--", 415),
        (b"--EOF\r\nContent-Encoding: gzip\r\n\r\nabc\r\n--EOF--", 415),
        (b"--EOF\r\nContent-Transfer-Encoding: base64\r\n\r\nabc\r\n--EOF--", 415),
    ],
)
def test_a_damaged_body_is_refused(raw: bytes, status: int) -> None:
    assert refusal(HEADER, raw) == status


def test_too_many_parts_are_refused() -> None:
    assert len(parts(HEADER, body(*[b"x"] * PARTS_MAX))) == PARTS_MAX
    assert refusal(HEADER, body(*[b"x"] * (PARTS_MAX + 1))) == 413
