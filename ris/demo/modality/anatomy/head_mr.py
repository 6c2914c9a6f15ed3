"""A head for MR in T1 and T2 contrast, with a mass of known diameter in the right hemisphere."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ris.demo.modality.anatomy.shapes import Grid, noise, shifted

SIDE = 256
CENTRE = (128, 128)
SPACING_MM = 0.9375
MASS_DIAMETER_MM = 52.5
MASS_PIXEL = (96, 128)
MASS_X_MM = (MASS_PIXEL[0] - CENTRE[0]) * SPACING_MM
MASS_HALF_LENGTH_MM = 26.0


@dataclass(frozen=True, slots=True)
class Contrast:
    """Signal of each tissue under one pulse sequence, arbitrary units within 12 bits."""

    fat: int
    bone: int
    fluid: int
    grey: int
    white: int
    mass: int


T1 = Contrast(fat=1500, bone=90, fluid=220, grey=620, white=840, mass=1250)
T2 = Contrast(fat=1050, bone=90, fluid=1650, grey=780, white=560, mass=1350)


def axial_cut(height_mm: float, contrast: Contrast) -> NDArray[np.uint16]:
    """The plane `height_mm` above the middle of the mass; shape (256, 256)."""
    grid = Grid.around((SIDE, SIDE), CENTRE, SPACING_MM)
    size = math.sqrt(max(0.15, 1 - (height_mm / 88) ** 2))
    signal = np.zeros((SIDE, SIDE), np.int16)
    _layers(signal, grid, contrast, size)
    _folds(signal, grid, contrast, size)
    if abs(height_mm) < 45:
        _ventricles(signal, grid, contrast)
    if abs(height_mm) <= MASS_HALF_LENGTH_MM:
        signal[grid.disc(MASS_X_MM, 0, MASS_DIAMETER_MM / 2)] = contrast.mass
    grain = shifted(noise((SIDE, SIDE), 22.0, seed=4), round(height_mm * 2))
    return np.abs(signal + grain).astype("<u2")


def _layers(signal: NDArray[np.int16], grid: Grid, contrast: Contrast, size: float) -> None:
    for thickness, value in ((0, contrast.fat), (5, contrast.bone), (11, contrast.fluid), (14, contrast.grey)):
        outline = grid.ellipse(0, 0, 78 * size - thickness, 98 * size - thickness)
        signal[outline <= 1] = value


def _folds(signal: NDArray[np.int16], grid: Grid, contrast: Contrast, size: float) -> None:
    """White matter whose edge undulates, and the fissure between the hemispheres."""
    angle = np.arctan2(grid.y + 0 * grid.x, grid.x + 0 * grid.y)
    ripple = 1 + 0.09 * np.sin(17 * angle) + 0.04 * np.sin(31 * angle)
    white = grid.ellipse(0, 0, 54 * size, 74 * size) * ripple <= 1
    signal[white] = contrast.white
    brain = grid.ellipse(0, 0, 78 * size - 14, 98 * size - 14) <= 1
    signal[brain & (abs(grid.x) < 1.2) & (abs(grid.y) > 28)] = contrast.fluid


def _ventricles(signal: NDArray[np.int16], grid: Grid, contrast: Contrast) -> None:
    for side in (-1, 1):
        horn = grid.ellipse(side * 9, 0, 6, 27)
        signal[horn <= 1] = contrast.fluid
