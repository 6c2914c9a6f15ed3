"""Segments from plain values: text, a tuple of components, a list of repetitions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from ris.hl7.er7.delimiters import USUAL
from ris.hl7.er7.message import Component, Field, Repetition, Segment

Part = str | tuple[str, ...]
One = str | tuple[Part, ...]
Value = One | list[One]


def segment(name: str, values: Mapping[int, Value]) -> Segment:
    """`{3: ("18748-4", "Report", "LN"), 5: "text"}`: a tuple holds components, a tuple in it subcomponents, a list
    repetitions. Fields that are not named are empty."""
    last = max((number for number, value in values.items() if value not in ("", (), [])), default=0)
    return Segment(name, tuple(_field(values.get(number, "")) for number in range(1, last + 1)))


def _field(value: Value) -> Field:
    repetitions = value if isinstance(value, list) else [value]
    made = tuple(_repetition(one) for one in repetitions)
    return () if made in ((), ((("",),),)) else made


def _repetition(value: One) -> Repetition:
    parts = list(value) if isinstance(value, tuple) else [value]
    made = [_component(part) for part in parts]
    while len(made) > 1 and made[-1] == ("",):
        made.pop()
    return tuple(made) or (("",),)


def _component(value: Part) -> Component:
    return (value or ("",)) if isinstance(value, tuple) else (value,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """What MSH says. `kind` is MSH-9 with its structure: ("ORU", "R01", "ORU_R01"); a party may have components."""

    kind: tuple[str, ...]
    control_id: str
    at: datetime
    sending: tuple[One, One] = ("ISOCENTER", "")
    receiving: tuple[One, One] = ("", "")
    version: str = "2.5.1"
    processing: str = "P"
    charset: str = "UNICODE UTF-8"


def header(heading: Heading) -> Segment:
    """MSH with the usual delimiters."""
    return segment(
        "MSH",
        {
            1: USUAL.field,
            2: USUAL.encoding,
            3: heading.sending[0],
            4: heading.sending[1],
            5: heading.receiving[0],
            6: heading.receiving[1],
            7: timestamp(heading.at),
            9: heading.kind,
            10: heading.control_id,
            11: heading.processing,
            12: heading.version,
            18: heading.charset,
        },
    )


def timestamp(at: datetime) -> str:
    """TS of chapter 2.A.22 with its offset, which an aware moment has: 20261121143000+0100."""
    return at.strftime("%Y%m%d%H%M%S%z")
