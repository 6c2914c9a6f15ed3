"""All addresses under /fhir/, made from the table of stations; without a slash at the end, as FHIR has them."""

from __future__ import annotations

from django.urls import URLPattern, path, re_path

from ris.fhir.resources.station import Station
from ris.fhir.stations import STATIONS
from ris.fhir.views import Making, Metadata, Nothing, Posted, Presented, Reading, Searching

app_name = "fhir"


def doors_of(station: Station) -> list[URLPattern]:
    """[type], [type]/_search and [type]/[id]."""
    many = Making if "create" in station.interactions else Searching
    here, words = station.type.lower(), {"type_": station.type, "needs": station.needs}
    return [
        path(station.type, many.as_view(**words), name=here),
        path(f"{station.type}/_search", Posted.as_view(**words), name=f"{here}-search"),
        path(f"{station.type}/<str:key>", Reading.as_view(**words), name=f"{here}-read"),
    ]


urlpatterns = [
    path("metadata", Metadata.as_view(), name="metadata"),
    path("Binary/<int:key>", Presented.as_view(), name="binary-read"),
    *(door for station in STATIONS.values() for door in doors_of(station)),
    re_path(r"^(?P<rest>.*)$", Nothing.as_view(), name="nothing-here"),
]
