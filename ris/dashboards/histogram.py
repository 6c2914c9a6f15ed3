"""Durations as counts of classes, each a twentieth longer than the last: days add up, percentiles are true to 3 %.

Pure. A histogram is {class: count} with text keys, as JSON keeps it.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final

STEP: Final = 1.05
SHORTEST: Final = 0.05
"""Minutes; what is shorter counts as this."""
Histogram = Mapping[str, int]


def class_of(minutes: float) -> str:
    return str(math.floor(math.log(max(minutes, SHORTEST) / SHORTEST, STEP)))


def of(minutes: Iterable[float]) -> dict[str, int]:
    return dict(Counter(class_of(one) for one in minutes))


def added(parts: Iterable[Histogram]) -> dict[str, int]:
    found: Counter[str] = Counter()
    for part in parts:
        found.update(part)
    return dict(found)


def count(histogram: Histogram) -> int:
    return sum(histogram.values())


def percentile(histogram: Histogram, share: float) -> float | None:
    """Minutes below which a `share` (0 to 1) of the durations lies: the middle of their class. None without any."""
    total = count(histogram)
    seen = 0
    for number in sorted(histogram, key=int):
        seen += histogram[number]
        if seen >= share * total:
            return float(SHORTEST * STEP ** (int(number) + 0.5))
    return None
