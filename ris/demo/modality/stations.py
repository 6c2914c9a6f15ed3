"""The devices of the demo: the AE titles that its seed registers and the simulated modality answers to."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Station:
    """One device: its AE title (at most 16 characters), what it is, and the zone that its wall clock shows."""

    ae_title: str
    modality: str
    time_zone: str


STATIONS = (
    Station("CT1", "CT", "Europe/Berlin"),
    Station("MR1", "MR", "Europe/Berlin"),
    Station("DX1", "DX", "Europe/Berlin"),
    Station("US1", "US", "Europe/Berlin"),
    Station("CTSOUTH", "CT", "Europe/London"),
)
