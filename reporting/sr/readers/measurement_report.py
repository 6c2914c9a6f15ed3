"""TID 1500 measurement reports: OHIF 3, OHIF 2 and other dcmjs writers, highdicom, dcmqi (PS3.16 TID 1500, 1410, 1501).

Everything is found by code; position and relationship type are not trusted, because dcmjs writes
CONTAINS where the template says HAS CONCEPT MOD.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from reporting.sr import codes
from reporting.sr.codes import Code
from reporting.sr.content import Node
from reporting.sr.document import Evaluation, Group
from reporting.sr.limits import MAX_SHORT
from reporting.sr.measurements import drawings, is_label, measure, reference
from reporting.sr.readers.outline import section_groups
from reporting.sr.source import Source, Understood

CORNERSTONE = re.compile(r"cornerstone(3D)?Tools@[^:]*:(?P<tool>[^:]+)(:(?P<variant>[^:]+))?", re.IGNORECASE)
FREE_TEXT = "CORNERSTONEFREETEXT"
CONTEXT = frozenset(
    {
        codes.TRACKING_IDENTIFIER,
        codes.TRACKING_UID,
        codes.FINDING,
        codes.FINDING_SITE,
        codes.LATERALITY,
        codes.METHOD,
        codes.COMMENT,
    }
)


class MeasurementReportReader:
    name = "measurement-report"

    def score(self, source: Source) -> int | None:
        if source.root.name == codes.MEASUREMENT_REPORT or source.header.template == "1500":
            return 100
        return 50 if next(_groups(source.root), None) else None

    def read(self, source: Source) -> Understood:
        groups = [_group(node, source) for node in _groups(source.root)]
        others = section_groups(source, besides=frozenset({codes.MEASUREMENT_GROUP}))
        return Understood(groups=(*groups, *others))


def _groups(root: Node) -> Iterator[Node]:
    return (node for node in root.walk() if _is_group(node))


def _is_group(node: Node) -> bool:
    return node.name == codes.MEASUREMENT_GROUP and node.value_type == "CONTAINER"


def _group(node: Node, source: Source) -> Group:
    """One annotation. Its numbers may sit at any depth; those of a group inside it belong to that one."""
    inside = list(_own(node))
    regions = tuple(drawings(node))
    values = measure(inside, regions, source)
    drawn = regions + tuple(drawing for part in inside if part.value_type == "NUM" for drawing in drawings(part))
    identifier = _text(node, codes.TRACKING_IDENTIFIER)[:MAX_SHORT]
    finding = _code(node, codes.FINDING)
    free_text = finding.name if finding and finding.value == FREE_TEXT else ""
    site = node.find(codes.FINDING_SITE)
    return Group(
        tracking_identifier=identifier,
        tracking_uid=_text(node, codes.TRACKING_UID)[:MAX_SHORT],
        tool=_tool(identifier),
        label=_text(node, codes.COMMENT) or free_text,
        finding=None if free_text else finding,
        site=site.code if site else None,
        laterality=_code(node, codes.LATERALITY) or (_code(site, codes.LATERALITY) if site else None),
        method=_code(node, codes.METHOD),
        values=values,
        evaluations=tuple(_evaluations(node)),
        drawings=tuple(replace(drawing, encloses=False) for drawing in drawn),
        reference=next((drawing.reference for drawing in drawn if drawing.reference), None) or reference(node),
    )


def _own(node: Node) -> Iterator[Node]:
    for child in node.children:
        if not _is_group(child):
            yield child
            yield from _own(child)


def _tool(identifier: str) -> str:
    """`Cornerstone3DTools@^0.1.0:Probe:KeyImage` was drawn with KeyImage, `…:Length` with Length."""
    found = CORNERSTONE.match(identifier)
    return (found["variant"] or found["tool"]) if found else ""


def _text(node: Node, name: Code) -> str:
    found = node.find(name)
    return found.text if found else ""


def _code(node: Node, name: Code) -> Code | None:
    found = node.find(name)
    return found.code if found else None


def _evaluations(node: Node) -> Iterator[Evaluation]:
    for child in node.children:
        if child.value_type in ("CODE", "TEXT") and child.name not in CONTEXT and not is_label(child):
            value = child.code.name if child.code else child.text
            yield Evaluation(child.name, value, child.code)
