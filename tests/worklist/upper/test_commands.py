"""Command sets, held against pynetdicom's reading and writing of the same messages (PS3.7 9.3, 10.3)."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some
from pydicom.uid import UID
from pynetdicom import dimse_messages, dimse_primitives
from pynetdicom.dsutils import decode, encode

from tests.worklist.upper.lean import NO_DATASET, PERFORMED_CLASS, WORKLIST_CLASS, command, element
from worklist.upper.commands import Command, CommandError, Field, read, respond
from worklist.upper.contract import Status


def theirs(primitive: Any, message: Any) -> bytes:
    """The command set as pynetdicom encodes it."""
    message.primitive_to_message(primitive)
    encoded = encode(message.command_set, True, True)
    assert encoded is not None
    return encoded


def test_a_query_of_pynetdicom_is_read() -> None:
    primitive = dimse_primitives.C_FIND()
    primitive.MessageID, primitive.Priority = 7, 1
    primitive.AffectedSOPClassUID = WORKLIST_CLASS
    found = read(theirs(primitive, dimse_messages.C_FIND_RQ()))
    assert found == Command(Field.C_FIND, 7, has_dataset=False, sop_class=WORKLIST_CLASS, priority=1)


@pytest.mark.parametrize(
    ("name", "field", "prefix"), [("N_SET", Field.N_SET, "Requested"), ("N_CREATE", Field.N_CREATE, "Affected")]
)
def test_an_operation_of_pynetdicom_is_read(name: str, field: Field, prefix: str) -> None:
    primitive = getattr(dimse_primitives, name)()
    primitive.MessageID = 9
    setattr(primitive, f"{prefix}SOPClassUID", PERFORMED_CLASS)
    setattr(primitive, f"{prefix}SOPInstanceUID", "1.2.3.4")
    found = read(theirs(primitive, getattr(dimse_messages, f"{name}_RQ")()))
    assert (found.field, found.message_id) == (field, 9)
    assert (found.sop_class, found.sop_instance) == (PERFORMED_CLASS, "1.2.3.4")


def test_the_attributes_of_an_n_get_are_read_as_tags() -> None:
    primitive = dimse_primitives.N_GET()
    primitive.MessageID = 1
    primitive.RequestedSOPClassUID, primitive.RequestedSOPInstanceUID = UID("1.2"), UID("1.2.3")
    primitive.AttributeIdentifierList = [0x00400252, 0x00080060]
    assert read(theirs(primitive, dimse_messages.N_GET_RQ())).attributes == (0x00400252, 0x00080060)


def test_a_cancel_names_the_message_that_it_ends() -> None:
    primitive = dimse_primitives.C_CANCEL()
    primitive.MessageIDBeingRespondedTo = 12
    found = read(theirs(primitive, dimse_messages.C_CANCEL_RQ()))
    assert (found.field, found.message_id, found.has_dataset) == (Field.C_CANCEL, 12, False)


def test_a_response_is_byte_for_byte_pynetdicoms() -> None:
    asked = read(command(0x0020, 7, WORKLIST_CLASS, dataset=True))
    primitive = dimse_primitives.C_FIND()
    primitive.MessageIDBeingRespondedTo, primitive.Status = 7, 0xA900
    primitive.AffectedSOPClassUID = WORKLIST_CLASS
    primitive.OffendingElement, primitive.ErrorComment = [0x00100030], "not a DA"
    ours = respond(asked, Status(0xA900, "not a DA", (0x00100030,)))
    assert ours == theirs(primitive, dimse_messages.C_FIND_RSP())


def test_an_operation_s_response_carries_what_annex_c_allows() -> None:
    asked = read(command(0x0120, 3, PERFORMED_CLASS, dataset=True, instance="1.2.3"))
    answer = decode(BytesIO(respond(asked, Status(0x0110, "ü" * 99, error_id=0xA710))), True, True)
    assert (answer.CommandField, answer.Status, answer.ErrorID) == (0x8120, 0x0110, 0xA710)
    assert (answer.AffectedSOPClassUID, answer.AffectedSOPInstanceUID) == (PERFORMED_CLASS, "1.2.3")
    assert (answer.ErrorComment, answer.CommandDataSetType) == ("?" * 64, NO_DATASET)


def test_a_uid_that_is_none_is_not_said_back() -> None:
    asked = read(command(0x0140, 3, PERFORMED_CLASS, dataset=True, instance="../../etc/passwd"))
    assert asked.sop_instance == "../../etc/passwd"
    assert b"etc" not in respond(asked, Status(0x0117))


@pytest.mark.parametrize(
    "encoded",
    [
        b"",
        b"\0\0\0\0",
        element(0x0100, b"\x20\x00"),
        element(0x0100, b"\x20"),
        command(0x8020, 1, WORKLIST_CLASS),
        command(0x7777, 1, WORKLIST_CLASS),
        b"\x08\x00\x05\x00\x02\x00\x00\x00xx",
        element(0x0100, b"\x30\x00")[:-1],
        command(0x0110, 1, PERFORMED_CLASS) + element(0x1005, b"abc"),
    ],
)
def test_what_is_no_request_is_refused(encoded: bytes) -> None:
    with pytest.raises(CommandError):
        read(encoded)


@given(some.binary(max_size=200))
def test_no_bytes_raise_anything_but_command_error(garbage: bytes) -> None:
    try:
        found = read(garbage)
    except CommandError:
        return
    assert isinstance(found.field, Field)
