"""The content tree of an SR (PS3.3 §C.17.3) as plain frozen nodes, whatever state the object is in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from reporting.sr import elements
from reporting.sr.codes import Code
from reporting.sr.errors import SrRefused
from reporting.sr.graphics import Graphic, graphic
from reporting.sr.item import Item
from reporting.sr.limits import MAX_DEPTH, MAX_POINTERS
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
SHAPES, POINTERS = frozenset({"SCOORD", "SCOORD3D"}), frozenset({"IMAGE", "COMPOSITE", "WAVEFORM"})
MAX_IMAGES = 8  # of one shape that is pointed at
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
    return _Tree(dataset, note).node(dataset, depth=0)


class _Tree:
    """One walk over a document. A shape or image that is only pointed at stands where it is pointed at."""

    def __init__(self, root: Item, note: Callable[[str], None]) -> None:
        self.root, self.note = root, note
        self.pointed_at: dict[int, Node] = {}
        self.pointers = 0

    def node(self, item: Item, depth: int) -> Node:
        if depth > MAX_DEPTH:
            raise SrRefused(f"The report is nested more than {MAX_DEPTH} levels deep.")
        return self.alone(item, tuple(self.child(one, depth + 1) for one in elements.items(item, "ContentSequence")))

    def alone(self, item: Item, children: tuple[Node, ...] = ()) -> Node:
        """What the item itself says, over these children."""
        value_type = elements.short(item, "ValueType").upper()
        name = elements.concept(item, "ConceptNameCodeSequence")
        for sequence in SEQUENCES:
            if item.is_no_sequence(sequence):
                self.note(NO_SEQUENCE)
        keyword = TEXT_KEYWORDS.get(value_type)
        return Node(
            relationship=elements.short(item, "RelationshipType").upper(),
            value_type=value_type,
            name=name,
            text=elements.text(item, keyword) if keyword else "",
            code=elements.concept(item, "ConceptCodeSequence") if value_type == "CODE" else None,
            number=number(item, name, self.note) if value_type == "NUM" else None,
            graphic=graphic(item, value_type, self.note) if value_type in SHAPES else None,
            reference=_reference(item) if value_type in POINTERS else None,
            children=children,
        )

    def child(self, item: Item, depth: int) -> Node:
        """By value; or by reference (PS3.3 §C.17.3.2.5), then the shape or image that is meant, with its images."""
        meant = self.meant(item)
        if meant is None:
            return self.node(item, depth)
        if id(meant) not in self.pointed_at:
            below = elements.items(meant, "ContentSequence")[:MAX_IMAGES]
            images = [self.alone(self.meant(one) or one) for one in below]
            self.pointed_at[id(meant)] = self.alone(meant, tuple(one for one in images if one.value_type == "IMAGE"))
        found = self.pointed_at[id(meant)]
        self.pointers += len(found.graphic.points) if found.graphic else 0
        return found

    def meant(self, item: Item) -> Item | None:
        """What (0040,DB73) leads to: the root is 1, then the number of the child on each level."""
        path = elements.numbers(item, "ReferencedContentItemIdentifier")
        if not path or elements.short(item, "ValueType") or self.pointers >= MAX_POINTERS:
            return None
        self.pointers += 1
        found = self.root
        for place in path[1:]:
            below = elements.items(found, "ContentSequence")
            if not 1 <= place <= len(below):
                return None
            found = below[int(place) - 1]
        return found if elements.short(found, "ValueType").upper() in {*SHAPES, "IMAGE"} else None


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
