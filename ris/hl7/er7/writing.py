"""From a Message to its text. Every segment ends with a carriage return."""

from __future__ import annotations

from ris.hl7.er7.delimiters import Delimiters
from ris.hl7.er7.escaping import escape
from ris.hl7.er7.message import Component, Field, Message, Repetition, Segment


def write(message: Message) -> str:
    """The text; what would divide it is escaped. `er7.encode` makes its bytes."""
    return "".join(f"{_segment(segment, message.delimiters)}\r" for segment in message.segments)


def _segment(segment: Segment, delimiters: Delimiters) -> str:
    if segment.name == "MSH":
        rest = [_field(field, delimiters) for field in segment.fields[2:]]
        return delimiters.field.join([f"MSH{delimiters.field}{delimiters.encoding}", *rest])
    return delimiters.field.join([segment.name, *(_field(field, delimiters) for field in segment.fields)])


def _field(field: Field, delimiters: Delimiters) -> str:
    return delimiters.repetition.join(_repetition(one, delimiters) for one in field)


def _repetition(repetition: Repetition, delimiters: Delimiters) -> str:
    return delimiters.component.join(_component(one, delimiters) for one in repetition)


def _component(component: Component, delimiters: Delimiters) -> str:
    return delimiters.subcomponent.join(escape(one, delimiters) for one in component)
