"""A curved-array ultrasound sector through liver tissue, with a cyst of known diameter and a beating vessel."""

from __future__ import annotations

import functools
import math

import numpy as np
from numpy.typing import NDArray

from ris.demo.modality.anatomy.shapes import Floats, Grid, Mask

SHAPE = (480, 640)
CM_PER_PIXEL = 0.04
MM_PER_PIXEL = CM_PER_PIXEL * 10
CYST_DIAMETER_MM = 52.0
CYST_PIXEL = (300, 230)
VESSEL_MM = (62.0, 30.0)
APEX_ROW = -70
PROBE_PIXELS, DEPTH_PIXELS = 95, 535
HALF_ANGLE = math.radians(34)
SECTOR_BOX = (20, 9, 619, 465)


@functools.cache
def _speckle() -> NDArray[np.float32]:
    """Rayleigh-distributed brightness, as coherent echoes give."""
    return np.random.default_rng(5).rayleigh(0.8, SHAPE).astype(np.float32)


@functools.cache
def _sector() -> tuple[Mask, Floats]:
    """The insonated fan, and how much of the echo each depth gives back."""
    grid = Grid.around(SHAPE, (320, APEX_ROW), 1.0)
    distance = np.sqrt(grid.x**2 + grid.y**2)
    fan: Mask = (distance >= PROBE_PIXELS) & (distance <= DEPTH_PIXELS)
    fan &= np.abs(np.arctan2(grid.x, grid.y)) <= HALF_ANGLE
    loss: Floats = np.exp(-(distance - PROBE_PIXELS) / 620).astype(np.float32)
    return fan, loss


def frame(number: int, frames: int) -> NDArray[np.uint8]:
    """Frame `number` (from 0) of one heartbeat of `frames`; shape (480, 640)."""
    fan, loss = _sector()
    grid = Grid.around(SHAPE, CYST_PIXEL, MM_PER_PIXEL)
    echo = 74 * loss * np.roll(_speckle(), (number * 17, number * 29), axis=(0, 1))
    behind = (abs(grid.x) < CYST_DIAMETER_MM * 0.42) & (grid.y > 0)
    echo[behind] *= 1.45
    pulse = 5.0 + 1.8 * math.sin(math.tau * number / max(1, frames))
    ring = grid.ellipse(*VESSEL_MM, pulse + 1.6, pulse + 1.6) <= 1
    echo[ring] = 170
    echo[grid.disc(*VESSEL_MM, pulse)] = 6
    echo[grid.disc(0, 0, CYST_DIAMETER_MM / 2)] *= 0.04
    return np.where(fan, np.clip(echo, 3, 255), 0).astype(np.uint8)
