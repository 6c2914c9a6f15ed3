"""A chest for CT, in Hounsfield units, with a mediastinal mass of known diameter between the lungs.

The mass is a cylinder along the patient with rounded ends: over its middle 40 mm every axial cut shows the full
diameter. Along its horizontal diameter it borders on lung, so its edge is sharp in a soft-tissue window.
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ris.demo.modality.anatomy.shapes import Floats, Grid, Mask, noise, shifted

SIDE = 512
CENTRE = (256, 256)
SPACING_MM = 0.703125
MASS_DIAMETER_MM = 60.0
MASS_FULL_HALF_LENGTH_MM = 20.0
MASS_CAP_MM = 10.0
# A vessel that touched the mass would widen it.
CLEAR_OF_VESSELS_MM = MASS_DIAMETER_MM / 2 + 8

AIR, LUNG, FAT, MEDIASTINUM, MUSCLE, BLOOD = -1000, -860, -95, -55, 55, 45
LIVER, MASS, SPONGY, BONE = 62, 70, 220, 620
LUNG_CENTRE_MM, LUNG_HALF_MM = 68.0, (54.0, 72.0)
HU = NDArray[np.int16]


@dataclass(frozen=True, slots=True)
class Chest:
    """What does not change from cut to cut."""

    grid: Grid
    wall: HU
    rib_cage: Mask
    rib_angles: Floats
    lungs: Floats
    vessels: NDArray[np.float64]
    grain: HU


@functools.cache
def _chest() -> Chest:
    grid = Grid.around((SIDE, SIDE), CENTRE, SPACING_MM)
    cage: Mask = (grid.ellipse(0, 0, 138, 91) <= 1) & (grid.ellipse(0, 0, 130, 84) > 1)
    side, half = LUNG_CENTRE_MM, LUNG_HALF_MM
    lungs = np.minimum(grid.ellipse(-side, 2, *half), grid.ellipse(side, 2, *half))
    angles = np.arctan2(grid.y * 1.5 + 0 * grid.x, grid.x + 0 * grid.y)[cage]
    return Chest(grid, _wall(grid), cage, angles, lungs, _vessel_paths(), noise((SIDE, SIDE), 9.0, seed=1))


def _wall(grid: Grid) -> HU:
    """Body outline, fat, muscle, mediastinum and the table below."""
    hu = np.full((SIDE, SIDE), AIR, np.int16)
    hu[(abs(grid.y - 0.0006 * grid.x**2 - 116) < 2.5) & (abs(grid.x) < 165)] = -300
    hu[grid.ellipse(0, 0, 166, 113) <= 1] = FAT
    hu[grid.ellipse(0, 0, 150, 99) <= 1] = MUSCLE
    hu[grid.ellipse(0, 0, 130, 84) <= 1] = MEDIASTINUM
    return hu


def _vessel_paths() -> NDArray[np.float64]:
    """Pulmonary vessels: rows of (x, y, drift of x and y per mm, radius), in mm."""
    generator = np.random.default_rng(2)
    angle, reach = generator.uniform(0, math.tau, 70), np.sqrt(generator.uniform(0, 0.8, 70))
    side = np.where(np.arange(70) % 2, 1, -1) * LUNG_CENTRE_MM
    x, y = side + reach * np.cos(angle) * LUNG_HALF_MM[0], reach * np.sin(angle) * LUNG_HALF_MM[1]
    drift = generator.uniform(-0.25, 0.25, (2, 70))
    return np.column_stack([x, y, *drift, generator.uniform(1.0, 3.2, 70)])


def mass_radius(height_mm: float) -> float:
    """Radius of the mass in the axial plane `height_mm` above its middle; 0 beyond its ends."""
    beyond = max(0.0, abs(height_mm) - MASS_FULL_HALF_LENGTH_MM) / MASS_CAP_MM
    return MASS_DIAMETER_MM / 2 * math.sqrt(1 - beyond**2) if beyond < 1 else 0.0


def axial_cut(height_mm: float) -> HU:
    """The plane `height_mm` above the middle of the mass (head is up): HU, shape (512, 512)."""
    chest = _chest()
    hu = chest.wall.copy()
    rib_phase = height_mm / 9.0
    hu[chest.rib_cage] = np.where(np.cos(9 * chest.rib_angles + rib_phase) > 0.1, BONE - 150, MUSCLE)
    _paint_lungs(hu, chest, height_mm)
    _paint_spine_and_sternum(hu, chest.grid, height_mm)
    _paint_mediastinum(hu, chest.grid, height_mm)
    radius = mass_radius(height_mm)
    if radius:
        hu[chest.grid.disc(0, 0, radius)] = MASS
    hu += shifted(chest.grain, round(height_mm * 4))
    return hu


def _paint_lungs(hu: HU, chest: Chest, height: float) -> None:
    """Narrow at the top, full below; the liver's dome rises into the right one."""
    size = min(1.0, max(0.0, 0.62 + (150 - height) / 260))
    lungs = chest.lungs < size**2
    hu[lungs] = LUNG
    for x, y, drift_x, drift_y, radius in chest.vessels:
        middle = x + drift_x * height, y + drift_y * height
        if math.hypot(*middle) > CLEAR_OF_VESSELS_MM:
            _paint_vessel(hu, (*middle, radius), lungs)
    dome = 75.0**2 - (height + 175) ** 2
    if dome > 0:
        hu[chest.grid.disc(-LUNG_CENTRE_MM + 6, 0, math.sqrt(dome)) & lungs] = LIVER


def _paint_vessel(hu: HU, vessel: tuple[float, float, float], lungs: Mask) -> None:
    """A small bright disc, drawn only on the patch of pixels around it."""
    x, y, radius = (value / SPACING_MM for value in vessel)
    column, row, reach = round(x) + CENTRE[0], round(y) + CENTRE[1], math.ceil(radius)
    patch = np.s_[row - reach : row + reach + 1, column - reach : column + reach + 1]
    offset = np.arange(-reach, reach + 1)
    disc = offset[:, np.newaxis] ** 2 + offset**2 <= radius**2
    hu[patch][disc & lungs[patch]] = BLOOD


def _paint_spine_and_sternum(hu: HU, grid: Grid, height: float) -> None:
    disc_space = math.sin(height / 4.2) > 0.86
    hu[grid.ellipse(0, 60, 20, 17) <= 1] = MUSCLE if disc_space else BONE
    hu[grid.ellipse(0, 60, 17, 14) <= 1] = 80 if disc_space else SPONGY
    hu[grid.ellipse(0, 86, 16, 12) <= 1] = BONE
    hu[grid.ellipse(0, 85, 9, 8) <= 1] = 20
    hu[(abs(grid.x) < 3) & (abs(grid.y - 99) < 8)] = BONE - 150
    hu[grid.ellipse(0, -86, 20, 5) <= 1] = SPONGY


def _paint_mediastinum(hu: HU, grid: Grid, height: float) -> None:
    hu[grid.disc(30, 50, 12)] = BLOOD
    if height > 45:
        hu[grid.ellipse(0, 8, 9, 8) <= 1] = AIR
        hu[grid.disc(18, -20, 12)] = BLOOD
    heart = min(1.0, (-40.0 - height) / 35)
    if heart > 0:
        hu[grid.ellipse(26 * heart, -22, 56 * math.sqrt(heart), 46 * math.sqrt(heart)) <= 1] = BLOOD
