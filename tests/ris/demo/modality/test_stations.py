from __future__ import annotations

from ris.demo.catalogue import ROOMS, SITES
from ris.demo.modality.images.kinds import KINDS
from ris.demo.modality.stations import STATIONS


def test_the_simulated_devices_are_those_that_the_demo_registers_in_the_zones_of_their_sites() -> None:
    zones = {site["code"]: site["time_zone"] for site in SITES}
    registered = {(room.ae_title, room.modality, zones[room.site]) for room in ROOMS}
    assert registered == {(station.ae_title, station.modality, station.time_zone) for station in STATIONS}


def test_every_device_of_the_demo_has_a_study_to_make() -> None:
    assert {station.modality for station in STATIONS} <= set(KINDS)
