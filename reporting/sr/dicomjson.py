"""Reading DICOM JSON (PS3.18 annex F) from strangers: a sequence may be one object, a number may be text."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, overload


class Attributes:
    """One dataset of DICOM JSON; everything absent or malformed reads as empty."""

    def __init__(self, dataset: Mapping[str, Any]) -> None:
        self.dataset = dataset

    def values(self, tag: str) -> list[Any]:
        element = self.dataset.get(tag)
        found = element.get("Value") if isinstance(element, Mapping) else None
        if found is None:
            return []
        return list(found) if isinstance(found, list) else [found]

    def items(self, tag: str) -> list[Attributes]:
        return [Attributes(item) for item in self.values(tag) if isinstance(item, Mapping)]

    def text(self, tag: str) -> str:
        values = self.values(tag)
        return str(values[0]).strip() if values and isinstance(values[0], str | int | float) else ""

    def numbers(self, tag: str) -> list[float]:
        """All values as finite floats, or [] when one is not."""
        try:
            found = [float(value) for value in self.values(tag)]
        except (TypeError, ValueError):
            return []
        return found if all(math.isfinite(number) for number in found) else []

    @overload
    def number(self, tag: str) -> float | None: ...
    @overload
    def number(self, tag: str, default: float) -> float: ...
    def number(self, tag: str, default: float | None = None) -> float | None:
        found = self.numbers(tag)
        return found[0] if found else default

    def integer(self, tag: str) -> int:
        return int(self.number(tag, 0.0))
