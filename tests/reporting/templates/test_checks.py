"""A template that is none is told at its place, in words."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporting.templates.checks import check

SECTIONS = [{"key": "findings", "title": "Findings", "text": ""}]


def field(key: str = "size", **more: Any) -> dict[str, Any]:
    return {"key": key, "label": "Size", "section": "findings", "type": "number", "units": ["mm"], **more}


def computed(rule: str, **inputs: str) -> dict[str, Any]:
    return field("out", type="computed", units=["mL"], compute={"rule": rule, "inputs": inputs})


VOLUME = computed("ellipsoid", length="size", width="size", height="size")


def test_a_good_template_has_no_fault() -> None:
    source = {"scheme": "SCT", "code": "410668003", "site": ["SCT:39607008"], "tools": ["Length"]}
    assert check(SECTIONS, [field(sources=[source], pick="largest"), VOLUME]) == {}


@pytest.mark.parametrize(("fields", "place", "said"), [
    ([field("Big Size")], "fields.0.key", "Small letters"),
    ([field(), field()], "fields.1.key", "Another one has this key."),
    ([field(section="nowhere")], "fields.0.section", "There is no such section."),
    ([field(type="colour")], "fields.0.type", "One of number"),
    ([field(label="")], "fields.0.label", "This is needed."),
    ([field(script="alert(1)")], "fields.0.script", "Not known here."),
    ([field(minimum=3, maximum=2)], "fields.0.maximum", "Not below"),
    ([field(minimum=float("nan"))], "fields.0.minimum", "A number."),
    ([field(decimals=True)], "fields.0.decimals", "A whole number"),
    ([field(type="select")], "fields.0.options", "A choice has"),
    ([field(type="select", options=[{"value": "a", "label": "A"}] * 2)], "fields.0.options", "same value"),
    ([field(type="text", sources=[{"scheme": "SCT", "code": "1"}])], "fields.0.sources", "numbers only"),
    ([field(sources=[{"scheme": "SCT", "code": "1", "site": ["liver"]}])], "fields.0.sources.0.site", "SCHEME:code"),
    ([field(default="wide")], "fields.0.default", "A number"),
    ([field(), computed("magic")], "fields.1.compute", "one of ellipsoid"),
    ([field(), computed("ellipsoid", length="size")], "fields.1.compute", "Choose a field for height, width."),
    ([field(units=["px"]), VOLUME], "fields.1.compute", "takes a length"),
    ([field(), {**VOLUME, "units": ["kg"]}], "fields.1.units", "In mL or cm3 or mm3."),
    ([field(), computed("ellipsoid", length="out", width="size", height="size")], "fields.1.compute", "for length."),
])  # fmt: skip
def test_a_fault_is_told_where_it_is(fields: list[dict[str, Any]], place: str, said: str) -> None:
    assert said in check(SECTIONS, fields).get(place, "")


@pytest.mark.parametrize("changes", [
    {"units": ["m\x00m"]}, {"code": {"scheme": "SCT", "code": "1\x00"}}, {"label": "a\ud800"},
    {"sources": [{"scheme": "SCT", "code": "1", "labels": ["\x00"]}]},
    {"type": "select", "units": [], "options": [{"value": "a", "label": "A", "code": {"scheme": "S", "code": "\x00"}}]},
])  # fmt: skip
def test_a_character_that_no_database_takes_is_told_wherever_it_stands(changes: dict[str, Any]) -> None:
    assert "There is a character in it that cannot be stored." in check(SECTIONS, [field(**changes)]).values()
    section = {**SECTIONS[0], "code": {"scheme": "LN", "code": "\udfff"}}
    assert check([section], []) == {"sections.0.key": "There is a character in it that cannot be stored."}


def test_computed_fields_that_lean_on_each_other_are_refused() -> None:
    one = field("one", type="computed", units=["mm"], compute={"rule": "sum", "inputs": {"a": "two"}})
    two = field("two", type="computed", units=["mm"], compute={"rule": "sum", "inputs": {"a": "one"}})
    faults = check(SECTIONS, [one, two])
    assert faults == {"fields.0.compute": "It leans on itself.", "fields.1.compute": "It leans on itself."}


ODD = st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=5),
                   lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
                   max_leaves=8)  # fmt: skip


@given(st.sampled_from(sorted([*VOLUME, "sources", "options", "decimals", "minimum", "code", "default"])), ODD)
def test_whatever_stands_in_a_field_is_told_and_never_breaks(name: str, odd: Any) -> None:
    for spec in (VOLUME, field(type="select", options=[{"value": "a", "label": "A"}])):
        changed = {**deepcopy(spec), name: odd}
        assert isinstance(check(SECTIONS, [field(), changed]), dict)


@given(ODD, ODD)
def test_whatever_is_no_template_is_told(sections: Any, fields: Any) -> None:
    assert check(sections, fields) != {} or sections
