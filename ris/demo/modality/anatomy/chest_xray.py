"""A chest radiograph: a posteroanterior projection with a round opacity of known diameter in the right lung."""

from __future__ import annotations

import functools

import numpy as np
from numpy.typing import NDArray

from ris.demo.modality.anatomy.shapes import Floats, Grid, noise

SHAPE = (2140, 1760)
CENTRE = (880, 1070)
SPACING_MM = 0.2
OPACITY_DIAMETER_MM = 60.0
OPACITY_CENTRE_MM = (-72.0, -30.0)
OPACITY_PIXEL = (520, 920)
MAXIMUM = 16383
LUNG_HALF_MM = (52.0, 112.0)


@functools.cache
def projection() -> NDArray[np.uint16]:
    """Grey values as presented, 14 bits: bone and mass bright, air dark; shape (2140, 1760), read only."""
    grid = Grid.around(SHAPE, CENTRE, SPACING_MM)
    grey = np.zeros(SHAPE, np.float32)
    grey += 7200 * _soft_edge(grid.ellipse(0, 60, 165, 260))
    grey += 2600 * _soft_edge(grid.ellipse(0, 20, 26, 330))
    _lungs_and_heart(grey, grid)
    _bones(grey, grid)
    grey[grid.disc(*OPACITY_CENTRE_MM, OPACITY_DIAMETER_MM / 2)] += 3600
    grey += noise(SHAPE, 45.0, seed=3)
    pixels = np.clip(grey + 300, 0, MAXIMUM).astype("<u2")
    pixels.flags.writeable = False
    return pixels


def _soft_edge(distance: Floats) -> Floats:
    """1 inside, falling to 0 towards the outline like the path length through a round body."""
    path: Floats = np.sqrt(np.clip(1 - distance, 0, 1))
    return path


def _lungs_and_heart(grey: Floats, grid: Grid) -> None:
    for side in (-1, 1):
        lung = grid.ellipse(side * 70, -20 if side > 0 else -26, *LUNG_HALF_MM)
        base = grid.ellipse(side * 70, 150, 95, 70) > 1
        grey -= 5200 * np.sqrt(_soft_edge(lung)) * base
    grey += 4200 * _soft_edge(grid.ellipse(28, 42, 62, 58))
    grey += 1500 * _soft_edge(grid.ellipse(24, -55, 20, 22))


def _bones(grey: Floats, grid: Grid) -> None:
    chest = grid.ellipse(0, -10, 140, 160) < 1
    arch = grid.y + 0.0022 * grid.x**2 - 0.10 * abs(grid.x)
    grey += 800 * ((np.sin(arch / 3.9) > 0.72) & chest & (abs(grid.x) > 16))
    clavicle = abs(grid.y + 118 + 0.16 * abs(grid.x)) < 5
    grey += 1500 * (clavicle & (abs(grid.x) > 12) & (abs(grid.x) < 108))
    vertebra = (abs(grid.x) < 17) & (np.sin(grid.y / 3.8) > -0.75)
    grey += 900 * (vertebra & (grid.ellipse(0, 60, 165, 260) < 1))
