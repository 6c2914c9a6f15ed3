"""Grids of millimetres and the round shapes drawn on them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Grid:
    """Coordinates of pixel centres in mm: `x` has shape (1, columns), `y` (rows, 1); they broadcast."""

    x: Floats
    y: Floats

    @classmethod
    def around(cls, shape: tuple[int, int], centre: tuple[int, int], spacing: float) -> Grid:
        """Rows and columns of `shape`, with (0, 0) mm at the pixel `centre` = (column, row)."""
        rows, columns = shape
        x = (np.arange(columns, dtype=np.float32) - centre[0]) * np.float32(spacing)
        y = (np.arange(rows, dtype=np.float32) - centre[1]) * np.float32(spacing)
        return cls(x[np.newaxis, :], y[:, np.newaxis])

    def ellipse(self, x: float, y: float, half_width: float, half_height: float) -> Floats:
        """Squared distance from (x, y), 1 on the outline of the ellipse: `grid.ellipse(…) <= 1` is its area."""
        return ((self.x - x) / half_width) ** 2 + ((self.y - y) / half_height) ** 2

    def disc(self, x: float, y: float, radius: float) -> Mask:
        """Pixels whose centre lies within `radius` of (x, y)."""
        inside: Mask = (self.x - x) ** 2 + (self.y - y) ** 2 <= radius**2
        return inside


def noise(shape: tuple[int, int], sigma: float, seed: int) -> NDArray[np.int16]:
    """Gaussian grain, the same at every run."""
    generator = np.random.default_rng(seed)
    return np.rint(generator.normal(0.0, sigma, shape)).astype(np.int16)


def shifted(grain: NDArray[np.int16], step: int) -> NDArray[np.int16]:
    """The same grain, moved: another image's noise for the price of a copy."""
    return np.roll(grain, (step * 37, step * 101), axis=(0, 1))
