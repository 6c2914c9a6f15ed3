"""The content tree of an SR (PS3.3 §C.17.3) as plain frozen nodes, whatever state the object is in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from reporting.sr import elements
from reporting.sr.codes import Code
from reporting.sr.errors import SrRefused
from reporting.sr.graphics import Graphic, graphic
from reporting.sr.item import Item
from reporting.sr.limits import MAX_DEPTH
from reporting.sr.numeric import Number, number


@dataclass(frozen=True, slots=True)
class Reference:
    """One SOP instance pointed at; `frame` is None when the whole instance is meant."""

    sop_class: str
    sop_instance_uid: str
    frame: int | None = None


@dataclass(frozen=True, slots=True)
class Node:
    """One content item. `text` is the value of TEXT, UIDREF, PNAME, DATE, TIME and DATETIME, else ""."""

    relationship: str
    value_type: str
    name: Code | None
    text: str = ""
    code: Code | None = None
    number: Number | None = None
    graphic: Graphic | None = None
    reference: Reference | None = None
    children: tuple[Node, ...] = ()

    def walk(self) -> Iterator[Node]:
        """This node and everything below it, in document order."""
        yield self
        for child in self.children:
            yield from child.walk()

    def find(self, name: Code, value_type: str | None = None) -> Node | None:
        """The first child with this concept name."""
        return next(
            (child for child in self.children if child.name == name and value_type in (None, child.value_type)), None
        )

    @property
    def title(self) -> str:
        return self.name.name if self.name else ""


SEQUENCES = ("ContentSequence", "MeasuredValueSequence", "ConceptNameCodeSequence")
NO_SEQUENCE = "A part of the report has another type than DICOM gives it: what it holds could not be read."
MAX_FRAME = 2**31 - 1  # IS, PS3.5 §6.2
TEXT_KEYWORDS = {
    "TEXT": "TextValue",
    "UIDREF": "UID",
    "PNAME": "PersonName",
    "DATE": "Date",
    "TIME": "Time",
    "DATETIME": "DateTime",
}


def tree(dataset: Item, note: Callable[[str], None]) -> Node:
    """The document as a tree; what is wrong inside is told to `note` in words. Raises SrRefused when too deep."""
    return _node(dataset, note, depth=0)


def _node(item: Item, note: Callable[[str], None], depth: int) -> Node:
    if depth > MAX_DEPTH:
        raise SrRefused(f"The report is nested more than {MAX_DEPTH} levels deep.")
    value_type = elements.short(item, "ValueType").upper()
    name = elements.concept(item, "ConceptNameCodeSequence")
    for sequence in SEQUENCES:
        if item.is_no_sequence(sequence):
            note(NO_SEQUENCE)
    children = tuple(_node(child, note, depth + 1) for child in elements.items(item, "ContentSequence"))
    keyword = TEXT_KEYWORDS.get(value_type)
    return Node(
        relationship=elements.short(item, "RelationshipType").upper(),
        value_type=value_type,
        name=name,
        text=elements.text(item, keyword) if keyword else "",
        code=elements.concept(item, "ConceptCodeSequence") if value_type == "CODE" else None,
        number=number(item, name, note) if value_type == "NUM" else None,
        graphic=graphic(item, value_type, note) if value_type in ("SCOORD", "SCOORD3D") else None,
        reference=_reference(item) if value_type in ("IMAGE", "COMPOSITE", "WAVEFORM") else None,
        children=children,
    )


def _reference(item: Item) -> Reference | None:
    referenced = elements.first_item(item, "ReferencedSOPSequence")
    if referenced is None:
        return None
    frames = elements.numbers(referenced, "ReferencedFrameNumber")
    return Reference(
        sop_class=elements.short(referenced, "ReferencedSOPClassUID"),
        sop_instance_uid=elements.short(referenced, "ReferencedSOPInstanceUID"),
        frame=int(frames[0]) if frames and 1 <= frames[0] <= MAX_FRAME else None,
    )
