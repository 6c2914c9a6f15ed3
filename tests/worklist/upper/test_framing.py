"""However the network cuts and joins, the same PDUs come out."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as some

from tests.worklist.upper.lean import ABORT, DATA, RELEASE_RQ, Asking, data, pdu
from worklist.upper import limits, pdus
from worklist.upper.framing import Frames
from worklist.upper.pdus import PduError

WHOLE = (bytes(Asking()), data(1, 3, b"a"), data(3, 2, b"b" * 500), pdu(RELEASE_RQ, bytes(4)), pdu(ABORT, bytes(4)))


def read_all(frames: Frames) -> list[bytes]:
    found = []
    while (frame := frames.next()) is not None:
        found.append(frame[1])
    return found


@given(some.lists(some.sampled_from(WHOLE), max_size=8), some.lists(some.integers(1, 700), min_size=1, max_size=40))
def test_any_cut_of_any_sequence_gives_the_same_pdus(sent: list[bytes], sizes: list[int]) -> None:
    stream, frames = b"".join(sent), Frames()
    found: list[bytes] = []
    while stream:
        size = sizes[len(found) % len(sizes)]
        frames.add(stream[:size])
        stream = stream[size:]
        found.extend(read_all(frames))
    assert found == [one[6:] for one in sent]
    assert not frames.incomplete


def test_a_byte_at_a_time_is_as_good() -> None:
    frames, found = Frames(), []
    for byte in b"".join(WHOLE):
        frames.add(bytes([byte]))
        found.extend(read_all(frames))
    assert found == [one[6:] for one in WHOLE]


@pytest.mark.parametrize(
    "header",
    [
        (DATA, 0xFFFFFFFF), (DATA, limits.PDU_BYTES + 1), (DATA, 5), (1, limits.REQUEST_BYTES + 1), (1, 67),
        (RELEASE_RQ, 5), (RELEASE_RQ, 0), (ABORT, 3), (0, 4), (8, 4), (0x47, 0x45542020),
    ],
)  # fmt: skip
def test_a_length_or_type_that_cannot_be_is_known_from_the_header_alone(header: tuple[int, int]) -> None:
    frames = Frames()
    frames.add(struct.pack(">BxI", *header))
    with pytest.raises(PduError):
        frames.next()


@given(some.binary(max_size=300))
def test_no_bytes_raise_anything_but_pdu_error(garbage: bytes) -> None:
    frames = Frames()
    frames.add(garbage)
    try:
        for body in read_all(frames):
            pdus.fragments(body)
    except PduError:
        pass
    else:
        assert len(garbage) < 6 or garbage[0] in pdus.KINDS


@given(some.binary(max_size=2000), some.integers(limits.SHORTEST_PDU, 400), some.booleans())
def test_what_is_cut_into_pdus_for_sending_is_whole_again_and_no_pdu_too_long(
    payload: bytes, longest: int, command: bool
) -> None:
    sent = list(pdus.data(5, payload, longest, command=command))
    found = [fragment for one in sent for fragment in pdus.fragments(one[6:])]
    assert b"".join(fragment.data for fragment in found) == payload
    assert all(len(one) - 6 <= longest for one in sent)
    assert all(len(fragment.data) % 2 == 0 for fragment in found[:-1])
    assert [fragment.last for fragment in found] == [False] * (len(found) - 1) + [True]
    assert {(fragment.context, fragment.command) for fragment in found} == {(5, command)}


@pytest.mark.parametrize(
    "body", [b"\0\0\0\0\1\3", b"\0\0\0\1\1\3", b"\0\0\0\x09\1\3abc", b"\0\0\0\3\1\3a\0", b"\xff" * 8]
)
def test_presentation_data_values_that_do_not_fill_their_pdu_are_refused(body: bytes) -> None:
    with pytest.raises(PduError):
        pdus.fragments(body)
