"""How a key image was looked at, as the viewer says it: its window, and whether dark is light. Pure.

The viewer's range is of values after the modality LUT, with `lower` drawn black and `upper` white; PS3.3 §C.11.2.1.2
makes a centre and a width of it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from reporting.sr.dicomjson import Attributes
from ris.dicom.datasets import Window

MODALITY, PHOTOMETRIC = "00080060", "00280004"
LARGEST = 1e9
SCALED = frozenset({"PT"})
"""The viewer shows uptake in units of its own (SUV), of which neither the archive nor its range knows the factor."""


@dataclass(frozen=True, slots=True)
class Look:
    """`window`: what the archive is asked for, None for its own. `turned`: the picture is to be inverted afterwards."""

    window: Window | None = None
    turned: bool = False


def look_of(presentation: Mapping[str, Any], metadata: Mapping[str, Any]) -> Look:
    """How to draw an image with this DICOM JSON; what the viewer did not say, or not understandably, is left out.

    Of a picture in colour there is no window; one that is inverted by its own nature (MONOCHROME1) the archive inverts.
    """
    image = Attributes(metadata)
    kind, said = image.text(PHOTOMETRIC), presentation.get("properties")
    if not kind.startswith("MONOCHROME") or not isinstance(said, Mapping):
        return Look()
    window = None if image.text(MODALITY) in SCALED else _window(said)
    inverted = said.get("invert")
    return Look(window, isinstance(inverted, bool) and inverted != (kind == "MONOCHROME1"))


def _window(said: Mapping[str, Any]) -> Window | None:
    span = said.get("voiRange")
    if not isinstance(span, Mapping):
        return None
    lower, upper = (_number(span.get(name)) for name in ("lower", "upper"))
    if lower is None or upper is None or not lower < upper:
        return None
    function = "sigmoid" if said.get("VOILUTFunction") == "SIGMOID" else "linear"
    return Window((lower + upper + 1) / 2, upper - lower + 1, function)


def _number(value: object) -> float | None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number and math.isfinite(value) and abs(value) < LARGEST else None  # type: ignore[arg-type, operator]
