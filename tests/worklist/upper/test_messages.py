"""Messages out of fragments (PS3.8 Annex E)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from tests.worklist.upper.lean import ECHO_CLASS, PERFORMED_CLASS, WORKLIST_CLASS, command
from worklist.upper import limits
from worklist.upper.commands import CommandError
from worklist.upper.messages import Assembly, FragmentError
from worklist.upper.pdus import Fragment

QUERY = command(0x0020, 1, WORKLIST_CLASS, dataset=True)


def pieces(context: int, payload: bytes, size: int, *, of_command: bool) -> list[Fragment]:
    starts = range(0, max(1, len(payload)), size)
    return [Fragment(context, of_command, at + size >= len(payload), payload[at : at + size]) for at in starts]


@given(some.binary(max_size=400), some.integers(1, 90), some.integers(1, 90))
def test_however_it_is_cut_the_message_is_whole(dataset: bytes, first: int, second: int) -> None:
    assembly = Assembly()
    fragments = [*pieces(3, QUERY, first, of_command=True), *pieces(3, dataset, second, of_command=False)]
    found = [assembly.add(fragment) for fragment in fragments]
    assert found[:-1] == [None] * (len(found) - 1)
    assert found[-1] is not None
    assert (found[-1].dataset, found[-1].command.message_id, found[-1].context) == (dataset, 1, 3)
    assert not assembly.begun


def test_a_command_without_dataset_is_whole_at_its_last_fragment() -> None:
    assembly = Assembly()
    found = assembly.add(Fragment(1, command=True, last=True, data=command(0x0030, 4, ECHO_CLASS)))
    assert found is not None
    assert found.dataset is None


@pytest.mark.parametrize(
    "fragments",
    [
        [Fragment(1, command=False, last=True, data=b"x")],
        [Fragment(3, command=True, last=True, data=QUERY), Fragment(3, command=True, last=True, data=QUERY)],
        [Fragment(3, command=True, last=True, data=QUERY), Fragment(1, command=False, last=True, data=b"")],
        [Fragment(3, command=True, last=False, data=QUERY[:9]), Fragment(5, command=True, last=True, data=QUERY[9:])],
        [Fragment(3, command=True, last=False, data=b"x" * 16_000)] * 2,
        [Fragment(3, command=True, last=True, data=QUERY)]
        + [Fragment(3, command=False, last=False, data=bytes(60_000))] * 20,
    ],
    ids=["dataset first", "two commands", "other context", "context changes", "long command", "long identifier"],
)
def test_fragments_that_make_no_message_are_refused(fragments: list[Fragment]) -> None:
    assembly = Assembly()
    with pytest.raises(FragmentError):
        list(map(assembly.add, fragments))


def test_a_command_that_is_none_is_refused_when_it_is_whole() -> None:
    with pytest.raises(CommandError):
        Assembly().add(Fragment(1, command=True, last=True, data=b"garbage"))


def test_an_mpps_message_may_be_longer_than_a_query() -> None:
    assembly = Assembly()
    asked = command(0x0140, 1, PERFORMED_CLASS, dataset=True)
    assembly.add(Fragment(5, command=True, last=True, data=asked))
    for _ in range(2 * limits.IDENTIFIER_BYTES // 65_000):
        assert assembly.add(Fragment(5, command=False, last=False, data=bytes(65_000))) is None
