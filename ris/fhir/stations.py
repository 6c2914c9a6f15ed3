"""The table of stations: addresses, search, metadata and the conformance paper are made from it."""

from __future__ import annotations

from typing import Final

from ris.fhir.mapping.capability import Claim
from ris.fhir.resources.appointments import AppointmentStation, ScheduleStation
from ris.fhir.resources.observations import ObservationStation
from ris.fhir.resources.patients import PatientStation
from ris.fhir.resources.reports import ReportStation
from ris.fhir.resources.requests import RequestStation
from ris.fhir.resources.slots import SlotStation
from ris.fhir.resources.station import Station
from ris.fhir.resources.studies import EndpointStation, StudyStation
from ris.fhir.resources.trail import TrailStation

STATIONS: Final[dict[str, Station]] = {
    station.type: station
    for station in (
        PatientStation(), RequestStation(), AppointmentStation(), ScheduleStation(), SlotStation(), StudyStation(),
        ReportStation(), ObservationStation(), EndpointStation(), TrailStation(),
    )
}  # fmt: skip
BINARY: Final = Claim(
    type="Binary", what="The signed PDF that a DiagnosticReport presents, byte for byte.", interactions=("read",)
)


def claims() -> list[Claim]:
    return [*(station.claim() for station in STATIONS.values()), BINARY]
