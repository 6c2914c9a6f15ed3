"""Which section of one content is which of another: by its key, by its title where older content has no keys. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

Name = tuple[str, int]


def paired(*contents: Sequence[Mapping[str, Any]]) -> list[dict[Name, Mapping[str, Any]]]:
    """The sections of each content under names that are the same in all; two of one title keep names of their own."""
    keyed = all(section.get("key") for sections in contents for section in sections)
    return [_named(sections, "key" if keyed else "title") for sections in contents]


def _named(sections: Sequence[Mapping[str, Any]], by: str) -> dict[Name, Mapping[str, Any]]:
    found: dict[Name, Mapping[str, Any]] = {}
    for section in sections:
        found[section[by], sum(name == section[by] for name, _number in found)] = section
    return found


def section_in(sections: list[dict[str, Any]], key: str, template: Sequence[Mapping[str, str]]) -> dict[str, Any]:
    """The section of that key; one that said nothing so far is put, without text, where the template has it."""
    titles = {item["key"]: item["title"] for item in template}
    for section in sections:
        if section.get("key", "") == key or ("key" not in section and section["title"] == titles[key]):
            return section
    places = list(titles)
    made: dict[str, Any] = {"key": key, "title": titles[key], "text": ""}
    later = [place for place, one in enumerate(sections)
             if one.get("key") in places and places.index(one["key"]) > places.index(key)]  # fmt: skip
    sections.insert(later[0] if later else len(sections), made)
    return made


def to_write(sections: Sequence[Mapping[str, Any]], template: Sequence[Mapping[str, str]]) -> list[dict[str, str]]:
    """Each section of a signed content by key, title and text, and those of the template that said nothing in it."""
    found = [{name: one[name] for name in ("key", "title", "text") if name in one} for one in sections]
    for item in template:
        section_in(found, item["key"], template)
    return found


def whole_text(section: Mapping[str, Any]) -> str:
    """Its text, then a line for each field: "Assessment: BI-RADS 4c"."""
    lines = [section["text"], *(f"{one['label']}: {one['text']}" for one in section.get("fields", []))]
    return "\n".join(line for line in lines if line)


def saying_something(texts: Sequence[Mapping[str, str]]) -> list[tuple[str, str]]:
    """(key or title, text) of those with a word."""
    return [(one.get("key") or one["title"], one["text"].strip()) for one in texts if one["text"].strip()]
