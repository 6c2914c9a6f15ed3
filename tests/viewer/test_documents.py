"""The signed report in its study: OHIF asks for it where images are rendered."""

from __future__ import annotations

import uuid

import pytest

from ris.dicom.archive import get_archive
from tests.viewer import objects
from tests.viewer.hospital import Browser, Hospital


@pytest.mark.parametrize("length", [1000, 1001])
def test_the_document_comes_back_byte_for_byte(hospital: Hospital, rita: Browser, length: int) -> None:
    document = b"%PDF-1.7\n" + b"x" * (length - 9)
    seed = uuid.uuid4().int >> 64
    series, sop = f"2.25.{seed}1", f"2.25.{seed}2"
    assert get_archive().store([objects.encapsulated_pdf(hospital.a.place, series, sop, document)]).stored
    target = f"{hospital.a.path}/series/{series}/instances/{sop}/rendered"
    answer = hospital.ask(target, rita, Accept='multipart/related; type="application/octet-stream"')
    assert (answer.status, answer.body) == (200, document)
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-disposition"].startswith("inline")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["x-frame-options"] == "SAMEORIGIN"


def test_an_image_at_the_same_kind_of_address_is_a_picture(hospital: Hospital, rita: Browser) -> None:
    answer = hospital.ask(f"{hospital.a.first}/rendered", rita)
    assert (answer.headers["content-type"], answer.body[:3]) == ("image/jpeg", b"\xff\xd8\xff")
