"""Only a lifecycle table compares states (DESIGN.md §4): elsewhere code asks it, or a named set beside it."""

from __future__ import annotations

import ast

from tests.architecture.sources import CODE, python_files, tree

STATES = {"state", "report_state", "appointment_state", "order_state"}
EXEMPT = {"lifecycle.py"}


def test_no_state_is_compared_with_a_bare_string_outside_a_lifecycle() -> None:
    checked = [path for path in python_files(*CODE) if path.name not in EXEMPT]
    assert [f"{path}:{line}" for path in checked for line in bare_comparisons(tree(path))] == []


def test_the_rule_finds_what_is_planted() -> None:
    planted = "a.state == 'final'\nb = 'done' != x.report_state\nc.state in ('x', 'y')\nd.state in OPEN\ne.kind == 'z'"
    assert list(bare_comparisons(ast.parse(planted))) == [1, 2, 3]


def bare_comparisons(module: ast.Module) -> list[int]:
    """The lines on which a state is held against a string literal, or a literal collection of them."""
    comparisons = [node for node in ast.walk(module) if isinstance(node, ast.Compare)]
    return [node.lineno for node in comparisons if mentions_state(node) and mentions_literal(node)]


def mentions_state(node: ast.Compare) -> bool:
    return any(isinstance(side, ast.Attribute) and side.attr in STATES for side in (node.left, *node.comparators))


def mentions_literal(node: ast.Compare) -> bool:
    return any(is_literal(side) for side in (node.left, *node.comparators))


def is_literal(node: ast.expr) -> bool:
    if isinstance(node, ast.Tuple | ast.Set | ast.List):
        return any(map(is_literal, node.elts))
    return isinstance(node, ast.Constant) and isinstance(node.value, str)
