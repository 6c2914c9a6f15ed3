"""What is written is read again as it was, whatever it holds."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as some

from ris.hl7 import er7
from ris.hl7.er7.delimiters import Delimiters
from ris.hl7.er7.errors import MEANINGS
from ris.hl7.er7.message import Field, Message, Segment

TEXT = some.text(some.characters(exclude_categories=["Cs"]), max_size=12) | some.sampled_from(
    ["\\F\\", "a|b^c~d&e\\f", er7.NULL, "\\X0D\\", "two\nlines", "\r", "\x0b\x1c", "\\.br\\", "Müller 山田"]
)
COMPONENT = some.lists(TEXT, min_size=1, max_size=3).map(tuple)
REPETITION = some.lists(COMPONENT, min_size=1, max_size=3).map(tuple)
FIELD = some.lists(REPETITION, min_size=1, max_size=3).map(tuple)
EMPTY: Field = ((("",),),)
DELIMITERS = some.sampled_from(
    [er7.USUAL, Delimiters("#", "$", "%", "!", "*"), Delimiters("|", "^", "~", "\\", "&", "#")]
)
NAMES = some.sampled_from(["PID", "PV1", "OBR", "OBX", "ZDS"])


def settled(fields: list[Field]) -> tuple[Field, ...]:
    """As the reader gives them: an empty field is none, and none stands at the end."""
    made = [() if field == EMPTY else field for field in fields]
    while made and not made[-1]:
        made.pop()
    return tuple(made)


SEGMENT = some.builds(Segment, NAMES, some.lists(FIELD, max_size=6).map(settled))


def message(delimiters: Delimiters, fields: tuple[Field, ...], segments: list[Segment]) -> Message:
    own = (((delimiters.field,),),), (((delimiters.encoding,),),)
    return Message((Segment("MSH", (*own, *fields)), *segments), delimiters)


MESSAGE = some.builds(message, DELIMITERS, some.lists(FIELD, max_size=6).map(settled), some.lists(SEGMENT, max_size=5))


@given(MESSAGE)
def test_a_message_comes_back_as_it_was_written(one: Message) -> None:
    assert er7.read_text(er7.write(one)) == one


@given(MESSAGE)
def test_no_value_makes_another_segment_or_ends_the_block(one: Message) -> None:
    text = er7.write(one)
    assert text.count("\r") == len(one.segments)
    assert not {"\n", "\x0b", "\x1c"} & set(text)


@given(some.binary(max_size=400) | some.binary(max_size=200).map(lambda tail: b"MSH|^~\\&|" + tail))
def test_any_bytes_are_a_message_or_malformed(raw: bytes) -> None:
    try:
        one = er7.read(raw, default_charset="8859/1")
    except er7.Malformed as refused:
        fault: er7.Malformed | None = refused
    else:
        fault = None
    if fault is None:
        assert er7.read_text(er7.write(one)).segments[1:] == one.segments[1:]
    else:
        assert fault.code in MEANINGS
