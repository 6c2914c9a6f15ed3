"""However the network cuts and joins, the same messages come out, and no more is kept than may be."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from ris.hl7.mllp.framing import ANEW, OUTSIDE, TOO_LONG, Framer, Misframed, wrap

MESSAGE = some.binary(max_size=60).map(lambda raw: raw.replace(b"\x0b", b"").replace(b"\x1c", b""))


def fed(stream: bytes, sizes: list[int], limit: int = 100) -> list[bytes | Misframed]:
    framer, found, turn = Framer(limit), [], 0
    while stream:
        size = sizes[turn % len(sizes)]
        found += framer.feed(stream[:size])
        stream, turn = stream[size:], turn + 1
    return found


@given(some.lists(MESSAGE, max_size=6), some.lists(some.integers(1, 90), min_size=1, max_size=10))
def test_any_cut_of_any_sequence_gives_the_same_messages(sent: list[bytes], sizes: list[int]) -> None:
    assert fed(b"".join(wrap(one) for one in sent), sizes) == sent


@given(some.binary(max_size=300), some.lists(some.integers(1, 90), min_size=1, max_size=10))
def test_any_bytes_are_survived_and_the_next_block_is_read(noise: bytes, sizes: list[int]) -> None:
    found = fed(noise.replace(b"\x0b", b"") + wrap(b"after"), sizes)
    assert found[-1] == b"after"


@pytest.mark.parametrize("size", [1, 2, 7, 1000])
@pytest.mark.parametrize(
    ("stream", "expected"),
    [
        (b"\x0bone\x1c\r\x0btwo\x1c\r", [b"one", b"two"]),
        (b"\r\n\x0bone\x1c\r\r\n\x0btwo\x1c\r", [b"one", b"two"]),
        (b"\x0bno return\x1c\x0btwo\x1c\r", [b"no return", b"two"]),
        (b"MSH|bare\r\x0bone\x1c\r", [OUTSIDE, b"one"]),
        (b"\x0bhalf\x0bwhole\x1c\r", [ANEW, b"whole"]),
        (b"\x0bone\x1c\rjunk and more junk\x0btwo\x1c\r", [b"one", OUTSIDE, b"two"]),
        (b"\x0b\x1c\r", [b""]),
    ],
)
def test_wrong_framing_is_reported_once_and_what_follows_is_read(
    stream: bytes, expected: list[bytes | Misframed], size: int
) -> None:
    assert fed(stream, [size]) == expected


@pytest.mark.parametrize("size", [1, 64, 1000])
def test_a_block_that_never_ends_is_given_up_at_the_limit(size: int) -> None:
    assert TOO_LONG in fed(b"\x0b" + b"x" * 101, [size])
    assert fed(wrap(b"x" * 100), [size]) == [b"x" * 100]
