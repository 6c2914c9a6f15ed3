"""What a recording is by its bytes, and which bytes of it a player asks for."""

from __future__ import annotations

import pytest

from reporting.dictation.audio import LARGEST, LONGEST_SECONDS, content_type_of, fault_of
from reporting.dictation.ranges import Unsatisfiable, range_of
from tests.reporting.dictation.sounds import OGG, WEBM, wav


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (WEBM, "audio/webm"),
        (OGG, "audio/ogg"),
        (wav(), "audio/wav"),
        (WEBM.replace(b"webm", b"matr"), ""),
        (OGG.replace(b"OpusHead", b"fishhead"), ""),
        (b"RIFF\x00\x00\x00\x00AVI LIST" + bytes(64), ""),
        (b"<html><script>alert(1)</script>" + bytes(64), ""),
        (b"", ""),
    ],
)
def test_a_recording_is_told_by_its_bytes(body: bytes, told: str) -> None:
    assert content_type_of(body) == told


def test_what_is_too_large_too_long_or_no_sound_is_refused() -> None:
    assert fault_of(wav(), 1) == ""
    assert "larger" in fault_of(wav() + bytes(LARGEST), 1)
    assert "one second to 10 minutes" in fault_of(wav(), LONGEST_SECONDS + 1)
    assert "one second" in fault_of(wav(), 0)
    assert "Only WebM" in fault_of(b"\x00" * 100, 1)


@pytest.mark.parametrize(
    ("header", "chosen"),
    [
        ("", None),
        ("bytes=0-", (0, 99)),
        ("bytes=10-19", (10, 19)),
        ("bytes=90-500", (90, 99)),
        ("bytes=-30", (70, 99)),
        ("bytes=-500", (0, 99)),
        ("bytes=5-2", None),
        ("bytes=0-1,5-6", None),
        ("bytes=-", None),
        ("lines=1-2", None),
        ("bytes=²-", None),
    ],
)
def test_one_range_is_understood_and_anything_else_is_all_of_it(header: str, chosen: tuple[int, int] | None) -> None:
    assert range_of(header, 100) == chosen


@pytest.mark.parametrize("header", ["bytes=100-", "bytes=-0"])
def test_a_range_behind_the_end_is_refused(header: str) -> None:
    with pytest.raises(Unsatisfiable):
        range_of(header, 100)
