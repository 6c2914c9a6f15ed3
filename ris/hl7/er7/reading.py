"""From bytes to a Message."""

from __future__ import annotations

import re

from ris.hl7.er7 import charsets, limits
from ris.hl7.er7.delimiters import Delimiters, of_header
from ris.hl7.er7.errors import DATA_TYPE_ERROR, SEGMENT_SEQUENCE, Malformed
from ris.hl7.er7.escaping import unescape
from ris.hl7.er7.message import Component, Field, Message, Repetition, Segment

SEGMENT_NAME = re.compile(r"[A-Z][A-Z0-9]{2}")


def read(raw: bytes, *, default_charset: str = "ASCII") -> Message:
    """The message in these bytes. Raises Malformed.

    `default_charset` counts where MSH-18 is empty and the bytes do not begin with the mark of UTF-8.
    """
    if len(raw) > limits.MESSAGE_BYTES:
        raise Malformed("The message is too long.", code=DATA_TYPE_ERROR)
    message = charsets.bare(raw)
    marked = message != raw.strip(charsets.AROUND)
    text, codec = charsets.decode(message, default="UNICODE UTF-8" if marked else default_charset)
    return read_text(text, codec=codec)


def read_text(text: str, *, codec: str = "utf-8") -> Message:
    """The message in text that is decoded already, as it is pasted into a form. Raises Malformed."""
    delimiters = of_header(text)
    lines = [line for line in _lines(text) if line.strip()]
    if len(lines) > limits.SEGMENTS:
        raise Malformed("The message has too many segments.", code=DATA_TYPE_ERROR)
    segments = [_header(lines[0], delimiters, codec)]
    segments += [_segment(line, place, delimiters, codec) for place, line in enumerate(lines[1:], start=2)]
    return Message(tuple(segments), delimiters)


def _lines(text: str) -> list[str]:
    """A segment ends with a carriage return; senders that only know line feeds are understood too."""
    if "\r" in text:
        return [line.lstrip("\n") for line in text.split("\r")]
    return text.split("\n")


def _header(line: str, delimiters: Delimiters, codec: str) -> Segment:
    own = (((delimiters.field,),),), (((delimiters.encoding,),),)
    rest = line[4 + len(delimiters.encoding) :].split(delimiters.field)[1:]
    return Segment("MSH", (*own, *_fields(rest, delimiters, codec)))


def _segment(line: str, place: int, delimiters: Delimiters, codec: str) -> Segment:
    name, *rest = line.split(delimiters.field)
    name = name.strip()
    if not SEGMENT_NAME.fullmatch(name):
        raise Malformed(
            f"Segment {place} has no name of three characters.", code=SEGMENT_SEQUENCE, location=f"MSH^{place}"
        )
    if name == "MSH":
        raise Malformed(f"Segment {place} begins another message.", code=SEGMENT_SEQUENCE, location="MSH^2")
    if len(rest) > limits.FIELDS:
        raise Malformed(f"Segment {place} has too many fields.", code=DATA_TYPE_ERROR, location=f"{name}^1")
    return Segment(name, _fields(rest, delimiters, codec))


def _fields(parts: list[str], delimiters: Delimiters, codec: str) -> tuple[Field, ...]:
    fields = [_field(part, delimiters, codec) for part in parts]
    while fields and not fields[-1]:
        fields.pop()
    return tuple(fields)


def _field(part: str, delimiters: Delimiters, codec: str) -> Field:
    if not part:
        return ()
    repetitions = part.split(delimiters.repetition, limits.REPETITIONS)
    return tuple(_repetition(one, delimiters, codec) for one in repetitions)


def _repetition(part: str, delimiters: Delimiters, codec: str) -> Repetition:
    return tuple(_component(one, delimiters, codec) for one in part.split(delimiters.component))


def _component(part: str, delimiters: Delimiters, codec: str) -> Component:
    return tuple(unescape(one, delimiters, codec) for one in part.split(delimiters.subcomponent))
