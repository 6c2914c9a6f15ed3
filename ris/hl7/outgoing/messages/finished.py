"""A message's bytes: MSH in front, escaped, in the destination's character set, without a single loss."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from ris.hl7.er7 import Heading, Message, Segment, codec_of, header, write
from ris.hl7.er7.errors import Unwritable
from ris.hl7.outgoing.messages.tables import SIU_STRUCTURE, STRUCTURES


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """Who writes to whom, how: MSH-3 to MSH-6 as components, MSH-11, MSH-18."""

    sending: tuple[str, str]
    receiving: tuple[str, str]
    charset: str
    processing: str


def finished(trigger: str, segments: Sequence[Segment], envelope: Envelope, *, control_id: str, at: datetime) -> bytes:
    """The whole message. `trigger` as in ORU^R01. Raises Unwritable."""
    code, event = trigger.split("^")
    heading = Heading(
        kind=(code, event, STRUCTURES.get(trigger, SIU_STRUCTURE)),
        control_id=control_id,
        at=at,
        sending=(_components(envelope.sending[0]), _components(envelope.sending[1])),
        receiving=(_components(envelope.receiving[0]), _components(envelope.receiving[1])),
        processing=envelope.processing,
        charset=envelope.charset,
    )
    return _encoded(write(Message((header(heading), *segments))), envelope.charset)


def _components(name: str) -> tuple[str, ...]:
    return tuple(name.split("^"))


def _encoded(text: str, charset: str) -> bytes:
    """Never a question mark where a letter was: a name that is spelt wrongly is another person's."""
    codec = codec_of([charset])
    try:
        return text.encode(codec)
    except UnicodeEncodeError as error:
        found = sorted({f"U+{ord(char):04X}" for char in text[error.start :] if not _fits(char, codec)})
        place = text[: error.start].rsplit("\r", 1)[-1][:3]
        words = f"{charset} has no {', '.join(found[:8])} ({place}): give this destination another character set."
        raise Unwritable(words) from None


def _fits(char: str, codec: str) -> bool:
    try:
        char.encode(codec)
    except UnicodeEncodeError:
        return False
    return True
