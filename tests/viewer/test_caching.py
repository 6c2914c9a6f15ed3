"""The files of the cache, and the frame that is found in a stored file."""

from __future__ import annotations

import os
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from tests.viewer import objects
from viewer.caching import names, stored
from viewer.caching.behind import Behind
from viewer.caching.shelf import Later, Shelf

PLACE = objects.Place("2.25.7", "P1")
SLICE = objects.image(PLACE, "2.25.71", "2.25.711")


def changed(**values: object) -> bytes:
    """The slice with other elements."""
    from io import BytesIO

    found = dcmread(BytesIO(SLICE))
    for name, value in values.items():
        setattr(found, name, value)
    return objects.part10(found)  # type: ignore[arg-type]


def test_the_frame_of_a_plain_slice_is_its_pixels() -> None:
    from io import BytesIO

    found = stored.frame_of(SLICE)
    assert found is not None
    assert bytes(found) == dcmread(BytesIO(SLICE)).PixelData


def test_an_icon_before_the_pixels_does_not_mislead() -> None:
    icon = Dataset()
    icon.PixelData = np.zeros(32, "<u2").tobytes()
    icon["PixelData"].VR = "OW"
    found = stored.frame_of(changed(IconImageSequence=Sequence([icon])))
    assert found is not None
    assert len(found) == 64 * 64 * 2


@pytest.mark.parametrize(
    "odd",
    [
        changed(NumberOfFrames="2"),
        changed(Rows=63),
        changed(DataSetTrailingPadding=b"\0" * 8),
        changed(ReferencedImageSequence=Sequence([Dataset()])) + b"\0",
        SLICE[:-2],
        SLICE.replace(b"1.2.840.10008.1.2.1\0", b"1.2.840.10008.1.2.2\0"),
        b"",
        b"MZ" * 500,
    ],
    ids=["frames", "rows", "padding", "longer", "shorter", "big endian", "empty", "other"],
)
def test_whatever_does_not_agree_to_the_byte_is_left_to_the_archive(odd: bytes) -> None:
    assert stored.frame_of(odd) is None


@given(st.binary(max_size=400))
def test_no_bytes_whatever_raise(noise: bytes) -> None:
    stored.frame_of(noise)
    found = stored.frame_of(SLICE[:300] + noise + SLICE[300:])
    assert found is None or len(found) == 64 * 64 * 2


def test_orthancs_name_binds_an_object_to_its_patient_and_study() -> None:
    one = names.of("P1", "2.25.7", "2.25.71", "2.25.711")
    assert names.is_name(one)
    assert (
        len({one, names.of("P2", "2.25.7", "2.25.71", "2.25.711"), names.of("P1", "2.25.8", "2.25.71", "2.25.711")})
        == 3
    )


def test_a_shelf_gives_back_what_was_put_and_nothing_else(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path, 10_000)
    shelf.put("abcd.f1", b"head", b"body")
    kept = shelf.get_at_once("abcd.f1", 100)
    assert bytes(kept.read() if isinstance(kept, Later) else kept or b"") == b"headbody"
    assert shelf.get("abcd.f1") == b"headbody"
    assert shelf.get("abcd.f1", longest=3) is None
    assert shelf.get("abcd.f2") is None
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["abcd.f1"]


@pytest.mark.parametrize("name", ["../x", "", "a/b/c/d", "ABCD", ".abcd"])
def test_a_shelf_has_no_other_names(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="name"):
        Shelf(tmp_path, 10).path(name)


def test_a_full_shelf_lets_go_of_what_was_asked_for_longest_ago(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path, 10_000)
    for number in range(10):
        shelf.put(f"frame{number}", b"x" * 1000)
        os.utime(shelf.path(f"frame{number}"), (number, number)) if shelf.path(f"frame{number}").exists() else None
    assert shelf.get("frame0") is not None  # asked for just now
    for number in range(10, 14):
        shelf.put(f"frame{number}", b"x" * 1000)
    assert shelf.sweep() <= 10_000
    assert shelf.get("frame0") is not None
    assert shelf.get("frame1") is None
    assert shelf.get("frame13") is not None


def test_what_waits_is_given_and_is_written_when_it_is_calm(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path, 10_000)
    behind = Behind(lambda: shelf, room=10)
    behind.put("first", b"12345")
    behind.put("second", b"123456")  # no room
    assert behind.get("first") == (b"12345",)
    assert behind.get("second") is None
    deadline = time.monotonic() + 10
    while shelf.get("first") is None and time.monotonic() < deadline:
        time.sleep(0.05)
    assert shelf.get("first") == b"12345"
