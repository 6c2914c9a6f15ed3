"""Bars as shapes of an SVG: where each stands and how large it is. Pure; the template writes them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

WIDTH: Final = 720
ROW, BAR, LEFT, RIGHT = 30, 9, 190, 130
HEIGHT, TOP, BOTTOM, AXIS = 220, 12, 28, 44
MOST_LABELS: Final = 12
Value = float | int | None


@dataclass(frozen=True, slots=True)
class Bar:
    """`series` is 0, 1 or 2 and chooses the colour; `words` are what is read out."""

    x: float
    y: float
    width: float
    height: float
    series: int
    words: str


@dataclass(frozen=True, slots=True)
class Label:
    x: float
    y: float
    text: str
    anchor: str


@dataclass(frozen=True, slots=True)
class Plot:
    width: int
    height: int
    bars: list[Bar]
    labels: list[Label]
    lines: list[tuple[float, float, float, float]]
    legend: list[tuple[int, str]]


def rows(names: Sequence[str], series: Sequence[tuple[str, Sequence[Value]]], *, log: bool = False) -> Plot:
    """Lying bars, one group for each name; `log` where values span from seconds to weeks."""
    largest = max((value or 0 for _name, values in series for value in values), default=0)
    step = ROW if len(series) < 3 else ROW + BAR
    plot = Plot(WIDTH, TOP + step * len(names) + 6, [], [], [], [(n, name) for n, (name, _) in enumerate(series)])
    told = duration if log else _value
    for place, name in enumerate(names):
        top, values = TOP + place * step, [values[place] for _words, values in series]
        middle = top + BAR * len(series) / 2 + 3
        sizes = [_size(value, largest, log=log) * (WIDTH - LEFT - RIGHT) for value in values]
        plot.labels.append(Label(LEFT - 8, middle, name, "end"))
        plot.labels.append(Label(LEFT + max(sizes) + 6, middle, " / ".join(told(value) for value in values), "start"))
        for number, (size, value) in enumerate(zip(sizes, values, strict=True)):
            words = f"{name}, {series[number][0]}: {told(value)}"
            plot.bars.append(Bar(LEFT, top + number * BAR, round(size, 1), BAR - 2, number, words))
    return plot


def columns(names: Sequence[str], series: Sequence[tuple[str, Sequence[Value]]]) -> Plot:
    """Standing bars over time."""
    largest = max((value or 0 for _name, values in series for value in values), default=0)
    room = HEIGHT - TOP - BOTTOM
    plot = Plot(WIDTH, HEIGHT, [], [], [], [(n, name) for n, (name, _) in enumerate(series)])
    for share in (0, 0.5, 1):
        y = TOP + room * (1 - share)
        plot.lines.append((AXIS, y, WIDTH, y))
        plot.labels.append(Label(AXIS - 6, y + 4, short(largest * share), "end"))
    step = (WIDTH - AXIS) / max(len(names), 1)
    width = max(step * 0.8 / max(len(series), 1), 1)
    for place, name in enumerate(names):
        left = AXIS + place * step + step * 0.1
        if place % math.ceil(len(names) / MOST_LABELS) == 0:
            plot.labels.append(Label(round(left, 1), HEIGHT - 10, name[5:], "start"))
        for number, (words, values) in enumerate(series):
            value = values[place] or 0
            size = room * value / largest if largest else 0
            x, y = left + number * width, TOP + room - size
            shape = (round(x, 1), round(y, 1), round(width * 0.9, 1), round(size, 1))
            plot.bars.append(Bar(*shape, number, f"{name}, {words}: {short(value)}"))
    return plot


def _size(value: Value, largest: Value, *, log: bool) -> float:
    if not value or not largest:
        return 0.0
    return math.log1p(value) / math.log1p(largest) if log else value / largest


def short(value: float) -> str:
    return f"{value:.0f}" if value >= 10 or value == int(value) else f"{value:.1f}"


def _value(value: Value) -> str:
    return "none" if value is None else short(value)


def duration(minutes: Value) -> str:
    """5 min, 3.2 h, 2.1 d."""
    if minutes is None:
        return "–"
    if minutes < 90:
        return f"{minutes:.0f} min"
    return f"{minutes / 60:.1f} h" if minutes < 2880 else f"{minutes / 1440:.1f} d"
