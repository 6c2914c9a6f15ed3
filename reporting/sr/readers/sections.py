"""Trees that say once, at a container, what holds for all below it: site, side, fetus (PS3.16 TID 300, 1008)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from reporting.sr import codes
from reporting.sr.codes import Code
from reporting.sr.content import Node
from reporting.sr.document import Evaluation, Group, Value
from reporting.sr.measurements import drawings, is_drawn, measure, numbers, reference
from reporting.sr.source import Source

SUBJECTS = (Code("LN", "11951-1"), Code("DCM", "121030"))
"""Fetus ID, subject ID: which of several the numbers are of (TID 1008)."""


MOST_TOLD = 20
"""Groups of one container that repeat its codes and words; there may be as many groups as numbers."""


@dataclass(frozen=True, slots=True)
class Context:
    """What the containers above a number say about it."""

    title: str = ""
    subject: str = ""
    site: Code | None = None
    laterality: Code | None = None
    method: Code | None = None


def sections(source: Source, besides: frozenset[Code] = frozenset()) -> Iterator[Group]:
    """One group for each container and, inside it, each site, side and method that its numbers name.

    Containers named in `besides` are left out. Numbers with a drawing of their own stand apart from those that the
    device wrote without one.
    """
    pending = [(source.root, Context())]
    while pending:
        section, above = pending.pop()
        context = _entered(section, above)
        inside = list(below(section))
        yield from _groups(section, inside, context, source)
        containers = [node for part in (section, *inside) for node in part.children if node.value_type == "CONTAINER"]
        pending.extend((node, context) for node in reversed(containers) if node.name not in besides)


def below(section: Node, besides: frozenset[str] = frozenset({"CONTAINER"})) -> Iterator[Node]:
    """What hangs under a node, without what hangs under nodes of the value types `besides`."""
    for child in section.children:
        if child.value_type not in besides:
            yield child
            yield from below(child, besides)


def said(section: Node) -> Iterator[Evaluation]:
    """The codes and words that stand directly in a container."""
    for child in section.children:
        if child.value_type == "CODE" and child.code is not None:
            yield Evaluation(child.name, child.code.name or child.code.value, child.code)
        elif child.value_type == "TEXT" and child.text:
            yield Evaluation(child.name, child.text)


def _entered(section: Node, above: Context) -> Context:
    subject = next((found.text for name in SUBJECTS if (found := section.find(name)) and found.text), above.subject)
    return replace(narrowed(section, above), title=section.title or above.title, subject=subject)


def narrowed(node: Node, context: Context) -> Context:
    """The context with what the node itself says; a side may stand at the node or at its site."""
    site, side, method = (node.find(name) for name in (codes.FINDING_SITE, codes.LATERALITY, codes.METHOD))
    side = side or (site.find(codes.LATERALITY) if site else None)
    return replace(
        context,
        site=site.code if site and site.code else context.site,
        laterality=side.code if side and side.code else context.laterality,
        method=method.code if method and method.code else context.method,
    )


def _groups(section: Node, inside: list[Node], context: Context, source: Source) -> Iterator[Group]:
    buckets: dict[Context, list[Node]] = {}
    for node in numbers(inside):
        buckets.setdefault(narrowed(node, context), []).append(node)
    whole = Group(evaluations=tuple(said(section)), drawings=tuple(drawings(section)), reference=reference(section))
    for number, (where, nodes) in enumerate(buckets.items()):
        if number == MOST_TOLD:
            whole = replace(whole, evaluations=())
        measured = list(zip(nodes, measure(nodes, whole.drawings, source), strict=True))
        for drawn in (True, False):
            if part := [(node, value) for node, value in measured if is_drawn(node) == drawn]:
                yield _group(whole, where, part)


def _group(whole: Group, where: Context, part: list[tuple[Node, Value]]) -> Group:
    nodes = [node for node, _value in part]
    return replace(
        whole,
        title=where.title,
        label=where.subject,
        site=where.site,
        laterality=where.laterality,
        method=where.method,
        values=tuple(value for _node, value in part),
        drawings=whole.drawings + tuple(drawing for node in nodes for drawing in drawings(node)),
        reference=next(filter(None, map(reference, nodes)), whole.reference),
    )
