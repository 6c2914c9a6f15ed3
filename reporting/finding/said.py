"""All that a version says in words, in the parts that people read: what it is found by, and quoted from. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from reporting.sections import whole_text

Part = tuple[str, str]


def parts_of(content: Mapping[str, Any]) -> list[Part]:
    """(title, text): sections with their fields, addenda from the newest, what was corrected, numbers, key images.

    Only the titles of sections are the report's own words.
    """
    return [part for part in (*_written(content), *_beside(content)) if part[1]]


def _written(content: Mapping[str, Any]) -> Iterator[Part]:
    for section in content["sections"]:
        yield section["title"], whole_text(section)
    for added in reversed(content.get("addenda", [])):
        yield "", added["text"]


def _beside(content: Mapping[str, Any]) -> Iterator[Part]:
    """A correction names what it took out, filled anew and added, each on a line."""
    changed = [name for key in ("taken_out", "filled_anew", "added_images") for name in content.get(key, [])]
    yield "", "\n".join([str(content.get("reason", "")), *changed]).strip()
    yield "", "\n".join(str(one.get("label", "")) for one in content.get("measurements", []))
    for one in content.get("key_images", []):
        drawn = (shape["words"] for shape in one.get("drawn", []))
        yield "", "\n".join(filter(None, (one.get("label", ""), *drawn)))
