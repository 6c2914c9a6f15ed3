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
