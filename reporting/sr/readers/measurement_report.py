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
from reporting.sr.document import Evaluation, Group, Value
from reporting.sr.limits import MAX_SHORT
from reporting.sr.measurements import drawings, is_label, measure, numbers, reference
from reporting.sr.readers.sections import MOST_TOLD, Context, narrowed, sections
from reporting.sr.recompute import Drawing
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
        groups = [group for node in _groups(source.root) for group in _annotation(node, source)]
        others = sections(source, besides=frozenset({codes.MEASUREMENT_GROUP}))
        return Understood(groups=(*groups, *others))


def _groups(root: Node) -> Iterator[Node]:
    return (node for node in root.walk() if _is_group(node))


def _is_group(node: Node) -> bool:
    return node.name == codes.MEASUREMENT_GROUP and node.value_type == "CONTAINER"


def _annotation(node: Node, source: Source) -> Iterator[Group]:
    """One group; several where its numbers name sites, sides or methods of their own (TID 300, rows 4 to 8)."""
    inside = list(_own(node))
    values = measure(inside, tuple(drawings(node)), source)
    whole, parts = narrowed(node, Context()), dict[Context, list[tuple[Node, Value]]]()
    for measured, value in zip(numbers(inside), values, strict=True):
        parts.setdefault(narrowed(measured, whole), []).append((measured, value))
    group = _group(node, tuple(drawings(node)))
    if len(parts) < 2:
        drawn = [part for part in inside if part.value_type == "NUM"]
        yield _part(group, next(iter(parts), whole), values, drawn)
        return
    for number, (where, part) in enumerate(parts.items()):
        if number == MOST_TOLD:
            group = replace(group, evaluations=())
        yield _part(group, where, tuple(value for _node, value in part), [measured for measured, _value in part])


def _group(node: Node, regions: tuple[Drawing, ...]) -> Group:
    """One annotation, without its numbers."""
    identifier = _text(node, codes.TRACKING_IDENTIFIER)[:MAX_SHORT]
    finding = _code(node, codes.FINDING)
    free_text = finding.name if finding and finding.value == FREE_TEXT else ""
    return Group(
        tracking_identifier=identifier,
        tracking_uid=_text(node, codes.TRACKING_UID)[:MAX_SHORT],
        tool=_tool(identifier),
        label=_text(node, codes.COMMENT) or free_text,
        finding=None if free_text else finding,
        evaluations=tuple(_evaluations(node)),
        drawings=regions,
        reference=reference(node),
    )


def _part(group: Group, where: Context, values: tuple[Value, ...], drawn_by: list[Node]) -> Group:
    """With numbers of one site, side and method, and the shapes that they were measured on."""
    drawn = group.drawings + tuple(drawing for node in drawn_by for drawing in drawings(node))
    return replace(
        group,
        site=where.site,
        laterality=where.laterality,
        method=where.method,
        values=values,
        drawings=drawn,
        reference=next((drawing.reference for drawing in drawn if drawing.reference), None) or group.reference,
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
    """What is said in codes and words, modifiers of the site and further sites too."""
    sites = [child for child in node.children if child.name == codes.FINDING_SITE]
    for child in (*node.children, *(below for site in sites for below in site.children)):
        known = child.name in CONTEXT and child not in sites[1:]
        if child.value_type in ("CODE", "TEXT") and not known and not is_label(child):
            value = child.code.name if child.code else child.text
            yield Evaluation(child.name, value, child.code)
