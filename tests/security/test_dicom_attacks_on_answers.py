"""Hostile datasets to the whole DICOM server: worklist and MPPS with their database (reference/security.md on dcmtk).

Covered: empty, misplaced, repeated and deeply nested sequences, wrong value representations and lengths, wildcards made
to be slow, UIDs and identifiers as paths. Each is answered, in time, and the next honest question as well.
Not covered: what a device may rightly do too often (that is load), attacks on the archive, a hostile database.
"""

from __future__ import annotations

import struct
import time
from pathlib import Path

import pytest
from django.conf import settings

from tests.conformance.conftest import scp
from tests.worklist.upper.lean import (
    AC,
    CONTEXTS,
    EXPLICIT,
    IMPLICIT,
    Asking,
    Lean,
    context_item,
    create,
    data,
    find,
    update,
)
from tests.world import World
from worklist.models import PerformedProcedureStep

__all__ = ["scp"]

pytestmark = pytest.mark.django_db(transaction=True)

SUCCESS, MISMATCH, UNABLE = 0x0000, 0xA900, 0xC001
STEP, REFERENCES, NAME, PATIENT_ID = (0x0040, 0x0100), (0x0040, 0x0270), (0x0010, 0x0010), (0x0010, 0x0020)
ITEM, ITEM_END, SEQUENCE_END = (0xFFFE, 0xE000), (0xFFFE, 0xE00D), (0xFFFE, 0xE0DD)
ENDLESS = 0xFFFFFFFF
LONGEST_SECONDS = 3.0


def implicit(tag: tuple[int, int], value: bytes, length: int | None = None) -> bytes:
    return struct.pack("<HHI", *tag, len(value) if length is None else length) + value


def explicit(tag: tuple[int, int], vr: bytes, value: bytes) -> bytes:
    if vr in {b"SQ", b"OB", b"UN", b"UT"}:
        return struct.pack("<HH2sxxI", *tag, vr, len(value)) + value
    return struct.pack("<HH2sH", *tag, vr, len(value)) + value


def nested(tag: tuple[int, int], depth: int) -> bytes:
    """Sequences of undefined length, one in the other, never closed."""
    return (implicit(tag, b"", ENDLESS) + implicit(ITEM, b"", ENDLESS)) * depth


def nested_exactly(tag: tuple[int, int], depth: int) -> bytes:
    """The same with lengths that are right."""
    inner = b""
    for _ in range(depth):
        inner = implicit(tag, implicit(ITEM, inner))
    return inner


MODALITY = implicit((0x0008, 0x0060), b"CT")
IDENTIFIERS = {
    "nothing": b"",
    "one byte": b"\x10",
    "an empty step sequence": implicit(STEP, b""),
    "an empty item": implicit(STEP, implicit(ITEM, b"")),
    "two items": implicit(STEP, implicit(ITEM, MODALITY) * 2),
    "ten thousand items": implicit(STEP, implicit(ITEM, MODALITY) * 10_000),
    "a sequence in a name": implicit(NAME, implicit(ITEM, MODALITY)),
    "a name in a sequence's place": implicit(STEP, b"Nobody^A"),
    "a step in a step": implicit(STEP, implicit(ITEM, implicit(STEP, implicit(ITEM, MODALITY)))),
    "an item without a sequence": implicit(ITEM, MODALITY),
    "ends without beginnings": implicit(ITEM_END, b"") + implicit(SEQUENCE_END, b""),
    "a length that lies": implicit(NAME, b"x", 0x7FFFFFF0),
    "an endless name": implicit(NAME, b"Nobody", ENDLESS),
    "thirty levels": nested(STEP, 30),
    "two hundred levels": nested_exactly(STEP, 200),
    "two hundred and sixty levels": nested_exactly(STEP, 260),
    "five thousand levels": nested(STEP, 5_000),
    "levels of a private sequence": nested_exactly((0x0009, 0x1001), 260),
    "wildcards made to be slow": implicit(NAME, b"*a" * 30 + b"b"),
    "a long wildcard": implicit(PATIENT_ID, b"?*" * 400),
    "many values": implicit((0x0020, 0x000D), b"1.2\\" * 9_999 + b"1.2 "),
    "a path": implicit(PATIENT_ID, b"../../etc/passwd"),
    "a character set that is none": implicit((0x0008, 0x0005), b"../../x ") + implicit(NAME, b"\xff\xfe\x1b$B"),
    "tags of a file's header": implicit((0x0002, 0x0010), b"1.2.840.10008.1.2 ") + MODALITY,
    "tags of a command": implicit((0x0000, 0x0100), b"\x20\x00") + MODALITY,
    "sixty-five thousand elements": b"".join(implicit((0x0011, n & 0xFFFF), b"") for n in range(1, 65_000)),
}  # fmt: skip
EXPLICIT_IDENTIFIERS = {
    "a number for a name": explicit(NAME, b"US", b"\1\0"),
    "a name for a date": explicit((0x0010, 0x0030), b"PN", b"Nobody^A"),
    "a sequence for a name": explicit(NAME, b"SQ", b""),
    "text for a sequence": explicit(STEP, b"LO", b"hello "),
    "a value representation that is none": explicit(NAME, b"ZZ", b"xx"),
    "a value representation that is no text": explicit(NAME, b"\xff\0", b"xx"),
    "a float of three bytes": explicit((0x0010, 0x1030), b"FD", b"abc"),
    "unknown for a sequence": explicit(STEP, b"UN", nested(STEP, 2_000)),
}
UIDS = [
    "../../x",
    "/tmp/isocenter-attack",
    "..",
    "1.2/../../3",
    "1.2\\3",
    "1.2\0/x",
    "C:\\x",
    "1.2;rm",
    "1" * 200,
    "",
    "1..2",
]


def associated(lean: Lean, syntax: str = IMPLICIT) -> None:
    contexts = tuple(context_item(number, uid, syntax) for number, uid in CONTEXTS.items())
    assert lean.associate(Asking(contexts=contexts))[0] == AC


def still_answers(port: int) -> bool:
    with Lean(port) as lean:
        associated(lean)
        lean.send(find(implicit(STEP, implicit(ITEM, MODALITY))))
        return lean.statuses()[-1] == SUCCESS


def asked(port: int, identifier: bytes, syntax: str) -> int:
    with Lean(port, timeout=12) as lean:  # nor may it wait long without working
        associated(lean, syntax)
        begun = time.process_time()  # the server is of this process; a busy machine is not its fault
        lean.send(find_in_pieces(identifier))
        status = lean.statuses()[-1]
        assert time.process_time() - begun < LONGEST_SECONDS
    return status


def find_in_pieces(identifier: bytes) -> bytes:
    """As `find`, for identifiers that are longer than a PDU."""
    return find(identifier) if len(identifier) < 60_000 else _pieces(find(b""), 3, identifier)


def _pieces(request: bytes, context: int, dataset: bytes) -> bytes:
    cut = [dataset[at : at + 60_000] for at in range(0, len(dataset), 60_000)]
    parts = [data(context, 2 if number == len(cut) - 1 else 0, piece) for number, piece in enumerate(cut)]
    return request.removesuffix(data(context, 2, b"")) + b"".join(parts)


@pytest.mark.parametrize("name", IDENTIFIERS)
def test_a_hostile_identifier_is_answered_in_time(live_world: World, scp: tuple[str, int], name: str) -> None:
    live_world.step()
    assert asked(scp[1], IDENTIFIERS[name], IMPLICIT) in {SUCCESS, MISMATCH}
    assert still_answers(scp[1])


@pytest.mark.parametrize("name", EXPLICIT_IDENTIFIERS)
def test_a_wrong_value_representation_is_an_identifier_that_does_not_match(
    live_world: World, scp: tuple[str, int], name: str
) -> None:
    live_world.step()
    assert asked(scp[1], EXPLICIT_IDENTIFIERS[name], EXPLICIT) == MISMATCH
    assert still_answers(scp[1])


@pytest.mark.parametrize(
    "dataset",
    [b"", b"\xff" * 64, nested(REFERENCES, 5_000), nested_exactly(REFERENCES, 200), nested_exactly(REFERENCES, 260),
     implicit(REFERENCES, implicit(ITEM, b"") * 10_000), nested_exactly((0x0009, 0x1001), 260)],
    ids=["nothing", "garbage", "5000 levels", "200 levels", "260 levels", "10000 empty items", "private levels"],
)  # fmt: skip
def test_a_hostile_mpps_message_is_refused_in_time_and_leaves_no_step(
    live_world: World, scp: tuple[str, int], dataset: bytes
) -> None:
    live_world.step()
    with Lean(scp[1], timeout=12) as lean:  # nor may it wait long without working
        associated(lean)
        begun = time.process_time()  # the server is of this process; a busy machine is not its fault
        request = create("1.2.3.4", dataset) if len(dataset) < 60_000 else _pieces(create("1.2.3.4", b""), 5, dataset)
        lean.send(request)
        assert lean.status() in range(0x0105, 0x0122)
        assert time.process_time() - begun < LONGEST_SECONDS
    assert not PerformedProcedureStep.objects.exists()
    assert still_answers(scp[1])


def test_a_uid_is_never_a_path(live_world: World, scp: tuple[str, int]) -> None:
    before = files()
    with Lean(scp[1]) as lean:
        associated(lean)
        for uid in UIDS:
            for request in (create, update):
                lean.send(request(uid, implicit(PATIENT_ID, b"../../p ")))
                assert lean.status() in range(0x0105, 0x0122), uid
    assert files() == before
    assert not Path("/tmp/isocenter-attack").exists()
    assert not PerformedProcedureStep.objects.exists()


def files() -> set[Path]:
    """What lies beside the data of the RIS and where the server was started."""
    places = (Path(settings.DATA_DIR), Path(settings.DATA_DIR).parent, Path.cwd(), Path.cwd().parent)
    return {found for place in places if place.is_dir() for found in place.iterdir() if "sqlite" not in found.name}
