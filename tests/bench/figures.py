"""One measured figure beside its peer's, as one JSON object a line (DESIGN.md §9)."""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

FEWEST = 5


@dataclass(frozen=True, slots=True)
class Figure:
    """A median. `unit` "ms" or "s" is better when small; one that ends in "/s" is better when large."""

    bench: str
    case: str
    metric: str
    value: float
    unit: str
    peer: str | None = None
    peer_value: float | None = None

    @property
    def times_better(self) -> float | None:
        """Above 1 we are ahead; None without a peer."""
        if not self.peer_value or not self.value:
            return None
        return self.value / self.peer_value if self.unit.endswith("/s") else self.peer_value / self.value

    def as_json(self) -> str:
        row = {name: getattr(self, name) for name in self.__slots__}
        times = self.times_better
        return json.dumps(row | {"times_better": None if times is None else round(times, 2)})


def median_ms(act: Callable[[], object], repeats: int = 15) -> float:
    """The median duration of `act()` in milliseconds, after one that does not count."""
    if repeats < FEWEST:
        raise ValueError(f"A median needs at least {FEWEST} runs.")
    act()
    return round(statistics.median(_ms(act) for _ in range(repeats)), 2)


def _ms(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return (time.perf_counter() - began) * 1000


class Record:
    """Writes the figures of one bench, the newest run only, and shows them."""

    def __init__(self, file: Path) -> None:
        self._file = file
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("", encoding="utf-8")

    def add(self, figure: Figure) -> None:
        with self._file.open("a", encoding="utf-8") as lines:
            lines.write(figure.as_json() + "\n")
        sys.stdout.write(figure.as_json() + "\n")
