"""Where in a message each thing stands, as data with its source. A sender may have it elsewhere (FieldRule).

Of several places the first that is filled counts. A path is SEGMENT-field.component.subcomponent.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from ris.hl7.er7 import Segment

PATH = re.compile(r"([A-Z][A-Z0-9]{2})-([1-9][0-9]?)(?:\.([1-9][0-9]?))?(?:\.([1-9]))?")


class BadPath(ValueError):
    """What was written is no path."""


@dataclass(frozen=True, slots=True)
class Path:
    """One place: OBR-44.1."""

    segment: str
    field: int
    component: int = 1
    subcomponent: int = 1


@dataclass(frozen=True, slots=True)
class Row:
    """What stands where, and who says so."""

    target: str
    paths: str
    words: str
    source: str


ROWS: Final = (
    Row("person.family", "PID-5.1", "Family name", "v2.5.1 3.4.2.5, XPN.1"),
    Row("person.given", "PID-5.2", "Given name", "v2.5.1 3.4.2.5, XPN.2"),
    Row("person.middle", "PID-5.3", "Middle names", "v2.5.1 3.4.2.5, XPN.3"),
    Row("person.suffix", "PID-5.4", "Suffix", "v2.5.1 3.4.2.5, XPN.4"),
    Row("person.prefix", "PID-5.5", "Title", "v2.5.1 3.4.2.5, XPN.5"),
    Row("person.birth", "PID-7", "Date of birth", "v2.5.1 3.4.2.7; (0010,0030)"),
    Row("person.sex", "PID-8", "Sex", "v2.5.1 3.4.2.8, table 0001; (0010,0040)"),
    Row("person.phone", "PID-13.1, PID-13.12", "Telephone", "v2.5.1 3.4.2.13, XTN.1"),
    Row("order.placer", "ORC-2, OBR-2", "Placer order number", "RAD TF-2 4.2; (0040,2016)"),
    Row("order.placer-issuer", "ORC-2.2, ORC-2.3, OBR-2.2, OBR-2.3", "Whose placer number it is", "EI.2, EI.3"),
    Row("order.filler", "ORC-3, OBR-3", "Filler order number: ours", "RAD TF-2 4.3; (0040,2017)"),
    Row("order.filler-issuer", "ORC-3.2, ORC-3.3, OBR-3.2, OBR-3.3", "Whose filler number it is", "EI.2, EI.3"),
    Row("order.status", "ORC-5", "Status, with ORC-1 SC", "v2.5.1 4.5.1.5, table 0038"),
    Row("order.priority", "TQ1-9, ORC-7.6, OBR-27.6, OBR-5", "Priority", "v2.5.1 4.5.4.9, table 0485; (0040,1003)"),
    Row("order.wanted", "TQ1-7, ORC-7.4, OBR-27.4", "Wanted from", "v2.5.1 4.5.4.7, TQ.4; (0040,0002)"),
    Row("order.procedure", "OBR-44.1, OBR-4.1", "Requested procedure", "RAD TF-2 4.4.4.1.2.2; (0032,1064)"),
    Row("order.procedure-scheme", "OBR-44.3, OBR-4.3", "Its coding scheme", "RAD TF-2 4.4.4.1.2.2"),
    Row("order.side", "OBR-15.5, OBR-46.1", "Side", "v2.5.1 4.5.3.15; (0020,0060)"),
    Row("order.reason", "OBR-31.2, OBR-31.1, ORC-16.2, ORC-16.1", "Reason", "v2.5.1 4.5.3.31; (0040,1002)"),
    Row("order.question", "OBR-13, NTE-3", "Relevant clinical information", "v2.5.1 4.5.3.13; (0010,2000)"),
    Row("order.danger", "OBR-12.2, OBR-12.1", "Danger, as an infection", "v2.5.1 4.5.3.12; (0010,2000), (0038,0050)"),
    Row("order.transport", "OBR-30.1", "How the patient comes", "v2.5.1 4.5.3.30, table 0124; (0040,1002)"),
    Row("order.cancel-reason", "ORC-16.2, ORC-16.1", "Why it is cancelled", "v2.5.1 4.5.1.16"),
    Row("order.class", "PV1-2", "Patient class", "v2.5.1 3.4.3.2, table 0004"),
    Row("order.visit", "PV1-19.1", "Visit number", "v2.5.1 3.4.3.19, CX.1; (0038,0010)"),
    Row("order.visit-issuer", "PV1-19.4, PV1-19.4.2", "Whose visit number it is", "CX.4; (0038,0014)"),
    Row("order.ward", "PV1-3.1", "Ward of who is no outpatient", "v2.5.1 3.4.3.3, PL.1; (0038,0300)"),
    Row("order.room", "PV1-3.2", "Room there", "v2.5.1 3.4.3.3, PL.2; (0038,0300)"),
    Row("order.bed", "PV1-3.3", "Bed there", "v2.5.1 3.4.3.3, PL.3; (0038,0300)"),
    Row("referrer.family", "OBR-16.2, ORC-12.2, PV1-8.2", "Ordering provider: family name", "(0032,1032), XCN.2"),
    Row("referrer.given", "OBR-16.3, ORC-12.3, PV1-8.3", "Ordering provider: given name", "XCN.3"),
    Row("referrer.prefix", "OBR-16.6, ORC-12.6, PV1-8.6", "Ordering provider: title", "XCN.6"),
    Row("visit.placer", "SCH-1.1", "Placer appointment number", "v2.5.1 10.6.1.1"),
    Row("visit.filler", "SCH-2.1", "Filler appointment number", "v2.5.1 10.6.1.2"),
    Row("visit.order", "SCH-26.1", "The order that is booked: placer's number", "v2.5.1 10.6.1.26"),
    Row("visit.order-issuer", "SCH-26.2, SCH-26.3", "Whose number it is", "v2.5.1 10.6.1.26, EI.2, EI.3"),
    Row("visit.order-filler", "SCH-27.1", "The order that is booked: our number", "v2.5.1 10.6.1.27"),
    Row("visit.procedure", "AIS-3.1", "Which exam of the order", "v2.5.1 10.6.4.3; (0032,1064)"),
    Row("visit.start", "AIS-4, SCH-11.4, AIL-6", "Beginning", "v2.5.1 10.6.3.4; (0040,0002)"),
    Row("visit.duration", "AIS-7, SCH-9, AIL-9", "Length", "v2.5.1 10.6.3.7"),
    Row("visit.duration-unit", "AIS-8, AIS-8.2, SCH-10.1, SCH-10.2, AIL-10, AIL-10.2", "Its unit", "10.6.3.8, UCUM"),
    Row("visit.room", "AIL-3.2, AIL-3.1, AIG-3.1", "Room", "v2.5.1 10.6.5.3, PL"),
    Row("visit.reason", "SCH-6.2, SCH-6.1, SCH-7.2", "Why it changes", "v2.5.1 10.6.1.6"),
    Row("study.uid", "IPC-3.1, ZDS-1.1", "StudyInstanceUID", "RAD TF-2 4.4.4.1.2.4; (0020,000D)"),
)  # fmt: skip
BY_TARGET: Final = {row.target: row for row in ROWS}
TARGETS: Final = [(row.target, f"{row.words} ({row.target})") for row in ROWS]


def paths_of(text: str) -> list[Path]:
    """`ORC-2, OBR-2` as paths. Raises BadPath."""
    found = []
    for part in (part.strip() for part in text.split(",")):
        match = PATH.fullmatch(part)
        if match is None:
            raise BadPath(f"“{part}” is no place in a message: write SEGMENT-field.component, such as OBR-44.1.")
        segment, field, component, subcomponent = match.groups()
        found.append(Path(segment, int(field), int(component or 1), int(subcomponent or 1)))
    return found


USUAL: Final = {row.target: paths_of(row.paths) for row in ROWS}


def _place(segment: Segment, path: Path) -> int:
    """The repetition that counts: of PID-5 the alphabetic name, wherever it stands (XPN.8), of all else the first."""
    if (path.segment, path.field) != ("PID", 5):
        return 1
    places = range(1, len(segment.field(5)) + 1)
    named = (one for one in places if segment.text(5, repetition=one))
    return next((one for one in named if segment.text(5, 8, repetition=one) in {"", "A"}), 1)


class Fields:
    """What some segments say, by the map and a sender's own rules."""

    def __init__(self, segments: Sequence[Segment], rules: Mapping[str, Sequence[Path]] | None = None) -> None:
        self.segments = segments
        self._rules = rules or {}

    def of(self, *groups: Sequence[Segment]) -> Fields:
        """The same rules over other segments: an order's own, then those that stand over all of them."""
        return Fields([segment for group in groups for segment in group], self._rules)

    def given(self, target: str) -> str | None:
        """None where the message says nothing, empty where it says delete, else the value."""
        for path in self._rules.get(target) or USUAL[target]:
            for segment in self.segments:
                if segment.name == path.segment:
                    place = _place(segment, path)
                    value = segment.given(path.field, path.component, path.subcomponent, repetition=place)
                    if value is not None:
                        return value.strip()
        return None

    def text(self, target: str) -> str:
        """The value; empty where there is none."""
        return self.given(target) or ""

    def ruled(self, target: str) -> bool:
        """Whether the sender has it elsewhere."""
        return target in self._rules

    def every(self, target: str) -> list[str] | None:
        """All that the first filled field says, in all segments and repetitions, once; None and [] as `given`."""
        paths = self._rules.get(target) or USUAL[target]
        for path in paths:
            parts = [one.component for one in paths if (one.segment, one.field) == (path.segment, path.field)]
            segments = [segment for segment in self.segments if segment.name == path.segment]
            found = [text for segment in segments for text in segment.texts(path.field, *parts)]
            if found or any(segment.given(path.field, path.component) is not None for segment in segments):
                return list(dict.fromkeys(found))
        return None

    def apart(self, target: str) -> list[Fields]:
        """These fields once for each repetition of the first field that says it; none where nothing does."""
        for path in self._rules.get(target) or USUAL[target]:
            for place, segment in enumerate(self.segments):
                if segment.name == path.segment and segment.field(path.field):
                    alone = [segment.alone(path.field, one) for one in range(1, len(segment.field(path.field)) + 1)]
                    head, tail = self.segments[:place], self.segments[place + 1 :]
                    return [self.of(head, [one], tail) for one in alone]
        return []

    def location(self, target: str) -> str:
        """Where it should stand, as ERR-2 says it: PID^1^5."""
        path = (self._rules.get(target) or USUAL[target])[0]
        return f"{path.segment}^1^{path.field}" + (f"^1^{path.component}" if path.component > 1 else "")
