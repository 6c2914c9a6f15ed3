"""What goes out comes back: the same template, and of that the same bytes."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reporting.templates import merging
from reporting.templates.checks import check
from reporting.templates.mrrt import read, write
from reporting.templates.starter import STARTER
from reporting.templates.tidy import tidy

WORDS = st.text(st.characters(codec="utf-8", exclude_characters="\x00\r"), max_size=30)
NAMES = WORDS.filter(lambda text: bool(text.strip(" :\t\n\x0b\x0c\x1c\x1d\x1e\x1f\x85\xa0") and text.split()))
KEYS = st.from_regex(r"[a-z0-9]{1,8}(-[a-z0-9]{1,6}){0,2}", fullmatch=True)
DIGITS = st.from_regex(r"[0-9-]{1,9}", fullmatch=True)
CODES = st.fixed_dictionaries({"scheme": st.sampled_from(["LN", "SCT"]), "code": DIGITS, "name": WORDS})
SOURCES = st.fixed_dictionaries(
    {"scheme": st.just("SCT"), "code": st.from_regex(r"[0-9]{3,9}", fullmatch=True)},
    optional={"labels": st.lists(WORDS, min_size=1, max_size=2), "site": st.just(["SCT:39607008"])},
)
BOUNDS = st.one_of(st.integers(-1000, 1000), st.floats(-1e6, 1e6, allow_nan=False))
NUMBERS = st.fixed_dictionaries(
    {"type": st.just("number")},
    optional={"units": st.lists(st.sampled_from(["mm", "cm", "%", "{x}/min"]), min_size=1, max_size=2, unique=True),
              "minimum": BOUNDS.filter(lambda value: value <= 0), "maximum": BOUNDS.filter(lambda value: value > 0),
              "decimals": st.integers(0, 3), "detector_plane": st.just(True), "pick": st.just("largest"),
              "sources": st.lists(SOURCES, min_size=1, max_size=2)},
)  # fmt: skip
OPTION = st.fixed_dictionaries({"value": NAMES, "label": NAMES}, optional={"code": CODES})
OPTIONS = st.lists(OPTION, min_size=1, max_size=3, unique_by=lambda option: str(option["value"]))
KINDS = st.one_of(
    NUMBERS,
    st.fixed_dictionaries({"type": st.just("select"), "options": OPTIONS}),
    st.fixed_dictionaries({"type": st.just("checkbox")}, optional={"default": st.sampled_from(["yes", "no"])}),
    st.fixed_dictionaries({"type": st.just("date")}, optional={"default": st.just("2026-01-31")}),
    st.fixed_dictionaries({"type": st.just("time")}, optional={"default": st.sampled_from(["00:00", "23:59:59"])}),
    st.fixed_dictionaries(
        {"type": st.just("text")}, optional={"default": WORDS, "merge": st.sampled_from(sorted(merging.SOURCES))}
    ),
)


@st.composite
def templates(draw: st.DrawFn) -> dict[str, Any]:
    """A good template of any shape, its fields in the order of their sections as a file has them."""
    keys = draw(st.lists(KEYS, min_size=1, max_size=3, unique=True))
    sections: list[dict[str, Any]] = [{"key": key, "title": draw(NAMES), "text": draw(WORDS)} for key in keys]
    fields: list[dict[str, Any]] = []
    for key in sorted(draw(st.lists(KEYS, max_size=5, unique=True))):
        about = {"key": key, "label": draw(NAMES), "section": draw(st.sampled_from(keys)), "help": draw(WORDS)}
        fields.append({**about, "required": draw(st.booleans()), **draw(KINDS)})
    fields.sort(key=lambda spec: keys.index(spec["section"]))
    if draw(st.booleans()):
        sections[0]["code"] = draw(CODES)
    return {"key": draw(KEYS), "title": draw(NAMES), "modality": "CT", "body_part": "CHEST", "sections": tidy(sections),
            "fields": tidy(fields), "about": {"publisher": draw(NAMES)}}  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(templates())
def test_every_template_comes_back_as_it_went_out(template: dict[str, Any]) -> None:
    assert check(template["sections"], template["fields"]) == {}
    written = write(template)
    imported = read(written)
    assert imported.template == template | {"title": " ".join(template["title"].split())}
    assert imported.notes == []
    assert write(imported.template) == write(template | {"title": imported.template["title"]})


@pytest.mark.parametrize("template", STARTER, ids=[template["key"] for template in STARTER])
def test_the_starter_set_comes_back_with_its_mappings_and_rules(template: dict[str, Any]) -> None:
    order = [section["key"] for section in template["sections"]]
    fields = sorted(tidy(template["fields"]), key=lambda spec: order.index(spec["section"]))
    imported = read(write(template | {"about": {"language": "en"}}))
    assert imported.template["fields"] == fields
    assert imported.template["sections"] == tidy(template["sections"])
    assert (imported.template["key"], imported.template["modality"]) == (template["key"], template["modality"])
