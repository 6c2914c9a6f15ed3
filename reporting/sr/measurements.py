"""Numbers of a part of the tree, each with its unit, its drawing and its check."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from reporting.sr import codes
from reporting.sr.check import check
from reporting.sr.codes import Code
from reporting.sr.content import Node, Reference
from reporting.sr.document import Evaluation, Value
from reporting.sr.numeric import Number
from reporting.sr.recompute import Drawing
from reporting.sr.source import Source
from reporting.sr.units import DIMENSIONS, read_unit

UNNAMED = Code("", "", "Number without a name")
INHERITED = frozenset(concept for concept, dimension in DIMENSIONS.items() if dimension == "area") | {
    codes.PERIMETER,
    codes.CIRCUMFERENCE,
    codes.RADIUS,
    codes.DIAMETER,
}
"""Viewers hang the one drawing of a region on its first number only; the others of this kind mean it too."""

SEGMENTATIONS = frozenset(f"1.2.840.10008.5.1.4.1.1.66.{kind}" for kind in ("4", "5", "7"))
ANGLES = frozenset({codes.ANGLE, codes.COBB_ANGLE})
NOT_MEASURED_ON = frozenset({"TextPosition", "ControlPoints"})  # 99CS3D: where a label stands, how a spline bends
PLACED = frozenset({codes.DERIVATION, codes.SELECTION, codes.FINDING_SITE, codes.LATERALITY, codes.METHOD})


def is_label(node: Node) -> bool:
    """Arrows, probes and key images are written as the number 0 called "Center" or "label": never a measurement."""
    return node.value_type == "NUM" and node.name == codes.LABEL


def numbers(nodes: Iterable[Node]) -> list[Node]:
    return [node for node in nodes if node.value_type == "NUM" and node.number is not None and not is_label(node)]


def drawings(node: Node) -> Iterator[Drawing]:
    """The shapes directly under a node, each with the image it was selected from."""
    for child in node.children:
        if child.graphic is not None and not (child.name and child.name.value in NOT_MEASURED_ON):
            yield Drawing(child.graphic, reference(child))


def is_drawn(node: Node) -> bool:
    return next(drawings(node), None) is not None


def reference(node: Node) -> Reference | None:
    """The first image below; a segmentation only where no image is named that it was made from."""
    segments: Reference | None = None
    for below in node.walk():
        if below.value_type == "IMAGE" and below.reference:
            if below.reference.sop_class not in SEGMENTATIONS:
                return below.reference
            segments = segments or below.reference
    return segments


def measure(nodes: Iterable[Node], regions: Iterable[Drawing], source: Source) -> tuple[Value, ...]:
    """Each number checked against its own drawing, or else against the one region that the group has."""
    found = numbers(nodes)
    shared = _shared(found, tuple(regions))
    encloses = any(DIMENSIONS.get(node.name or UNNAMED) == "area" for node in found)
    values = []
    for node in found:
        drawing = _drawing(node, shared, alone=len(found) == 1)
        values.append(_value(node, replace(drawing, encloses=encloses) if drawing else None, source))
    return tuple(values)


def _shared(found: list[Node], regions: tuple[Drawing, ...]) -> Drawing | None:
    candidates = list(regions) or [drawing for node in found for drawing in drawings(node)]
    return candidates[0] if len(candidates) == 1 else None


def _drawing(node: Node, shared: Drawing | None, *, alone: bool) -> Drawing | None:
    own = list(drawings(node))
    if len(own) == 2 and node.name in ANGLES:
        return _two_lines(own[0], own[1])
    if own:
        return own[0] if len(own) == 1 else None
    if shared is None:
        return None
    whole = shared.graphic.type in ("CIRCLE", "ELLIPSE") or len(shared.graphic.points) > 2
    return shared if whole or alone or node.name in INHERITED else None  # one line says nothing about a second one


def _two_lines(one: Drawing, other: Drawing) -> Drawing | None:
    """The arms of an angle as one shape; None when they are no two lines of one image."""
    first, second = one.graphic, other.graphic
    apart = (one.reference, first.in_patient, first.frame_of_reference_uid) != (
        other.reference, second.in_patient, second.frame_of_reference_uid)  # fmt: skip
    if apart or len(first.points) != 2 or len(second.points) != 2:
        return None
    return replace(one, graphic=replace(first, type="POLYLINE", points=first.points + second.points))


def _value(node: Node, drawing: Drawing | None, source: Source) -> Value:
    concept, number = node.name or UNNAMED, node.number or Number("", None, None)
    kind = read_unit(number.unit).dimension if is_drawn(node) else None  # of a shape of its own, whatever the code says
    again = source.recomputed(concept, drawing, kind) if drawing else None
    checked = check(concept, number, again)
    derivation, selection = node.find(codes.DERIVATION), node.find(codes.SELECTION)
    return Value(
        concept,
        number,
        checked,
        derivation.code if derivation else None,
        selection.code if selection else None,
        tuple(_modifiers(node)),
    )


def _modifiers(node: Node) -> Iterator[Evaluation]:
    """Whatever codes hang on a number, besides those that have a place of their own."""
    for child in node.children:
        if child.value_type == "CODE" and child.code is not None and child.name not in PLACED:
            yield Evaluation(child.name, child.code.name or child.code.value, child.code)
