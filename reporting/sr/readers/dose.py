"""Radiation dose reports (PS3.16 TID 10001 projection, TID 10011 CT): the totals first, then each irradiation event."""

from __future__ import annotations

from collections.abc import Iterator

from reporting.sr.codes import Code
from reporting.sr.content import Node
from reporting.sr.document import Group
from reporting.sr.measurements import measure, reference
from reporting.sr.readers.sections import said
from reporting.sr.source import Source, Understood

DOSE_SR = "1.2.840.10008.5.1.4.1.1.88.67"
TEMPLATES = frozenset({"10001", "10011"})
TITLE = Code("DCM", "113701", "X-Ray Radiation Dose Report")
TOTALS = frozenset({Code("DCM", "113702", "Accumulated X-Ray Dose Data"), Code("DCM", "113811", "CT Accumulated Dose")})
EVENTS = frozenset({Code("DCM", "113706", "Irradiation Event X-Ray Data"), Code("DCM", "113819", "CT Acquisition")})
PROTOCOL = Code("DCM", "125203", "Acquisition Protocol")
TARGET = Code("DCM", "123014", "Target Region")
EVENT_UID = Code("DCM", "113769", "Irradiation Event UID")


class DoseReader:
    name = "radiation-dose"

    def score(self, source: Source) -> int | None:
        by_class = source.header.sop_class == DOSE_SR
        return 100 if by_class or source.root.name == TITLE or source.header.template in TEMPLATES else None

    def read(self, source: Source) -> Understood:
        """The accumulated dose, then the events in their order, then whatever numbers stand elsewhere."""
        parts = list(_parts(source.root))
        ordered = [part for part in parts if part.name in TOTALS] + [part for part in parts if part.name not in TOTALS]
        groups = [_group(part, source) for part in ordered]
        return Understood(groups=tuple(group for group in groups if group.values))


def _parts(root: Node) -> Iterator[Node]:
    """The containers that are one total or one event, and the root itself for numbers outside of them."""
    yield root
    yield from (node for node in root.walk() if _is_part(node))


def _is_part(node: Node) -> bool:
    return node.value_type == "CONTAINER" and node.name in TOTALS | EVENTS


def _own(part: Node) -> Iterator[Node]:
    """Everything under a part, parameters and sources and doses alike, but not another part."""
    for child in part.children:
        if not _is_part(child):
            yield child
            yield from _own(child)


def _group(part: Node, source: Source) -> Group:
    protocol, target, event = part.find(PROTOCOL), part.find(TARGET), part.find(EVENT_UID)
    return Group(
        title=part.title,
        label=protocol.text if protocol else "",
        tracking_uid=event.text if event else "",
        site=target.code if target else None,
        values=measure(_own(part), (), source),
        evaluations=tuple(said(part)),
        reference=reference(part) if part is not source.root else None,
    )
