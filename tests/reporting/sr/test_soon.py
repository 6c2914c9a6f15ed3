"""Whatever the bytes are, the answer comes within a second of work, and the web process lives on."""

from __future__ import annotations

import os
import time
import zlib
from collections.abc import Callable

import pytest

from reporting.sr import SrRefused, read_json
from ris.dicom import sandbox
from ris.dicom.sandbox.errors import SandboxRefused
from tests.reporting.sr import hostile
from tests.reporting.sr.builders import length, ohif_sr
from tests.viewer.objects import ENHANCED_SR

WHOLE = ohif_sr(*[length("33.6", [10, 20, 16, 25])] * 40)


def bomb() -> bytes:
    """200 MB of zeros in 200 KB."""
    deflater = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    body = b"".join(deflater.compress(bytes(1_000_000)) for _ in range(200))
    return hostile.file(body + deflater.flush(), hostile.DEFLATED)


def wrong_vr() -> bytes:
    """The Content Sequence as text, the value type as bytes."""
    return hostile.file(
        hostile.element(8, 0x16, b"UI", ENHANCED_SR.encode())
        + hostile.element(0x40, 0xA040, b"OB", b"CONTAINER")
        + hostile.element(0x40, 0xA730, b"UT", b"x" * 100_000)
    )


OBJECTS: dict[str, Callable[[], bytes]] = {
    "300 levels with lengths": lambda: hostile.file(hostile.root(hostile.nested(300, defined=True))),
    "300 levels with delimiters": lambda: hostile.file(hostile.root(hostile.nested(300, defined=False))),
    "50,000 items": lambda: hostile.file(hostile.root(hostile.flat(50_000))),
    "cut in the middle": lambda: WHOLE[: len(WHOLE) // 2],
    "wrong VR": wrong_vr,
    "deflate bomb": bomb,
}


@pytest.mark.parametrize("name", OBJECTS)
def test_a_hostile_object_ends_in_a_sentence_within_a_second(name: str) -> None:
    part10 = OBJECTS[name]()
    assert min(seconds_of_refusing(part10) for _ in range(3)) < 1.0, "of this thread; other tests leave a heap to walk"


def seconds_of_refusing(part10: bytes) -> float:
    began = time.thread_time()
    with pytest.raises(SrRefused) as refused:
        read_json(part10)
    assert refused.value.message.endswith(".")
    return time.thread_time() - began


@pytest.mark.parametrize("name", OBJECTS)
def test_the_child_says_the_same_sentence_and_takes_the_next_report(name: str) -> None:
    with pytest.raises(SandboxRefused) as refused:
        sandbox.call("reporting.sr.sandboxed.read_json", OBJECTS[name]())
    assert refused.value.code == "refused"
    assert refused.value.reason.endswith(".")
    assert len(sandbox.call("reporting.sr.sandboxed.read_json", WHOLE)["groups"]) == 40
    assert os.getpid() not in sandbox.pool._current.pool.pids()


def test_the_longest_report_that_is_allowed_is_read_within_seconds() -> None:
    part10 = ohif_sr(*[length("33.6", [10, 20, 16, 25])] * 400)
    began = time.process_time()
    assert len(read_json(part10)["groups"]) == 400
    assert time.process_time() - began < 4.0
