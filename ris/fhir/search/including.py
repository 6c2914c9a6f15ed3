"""`_include` and `_revinclude`: what goes with what was found, in one query set for each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

from django.http import QueryDict

from ris.accounts.models import User
from ris.accounts.scopes import sees
from ris.fhir.mapping.bundle import MOST_INCLUDED
from ris.fhir.mapping.datatypes import Json
from ris.fhir.resources.station import RowStation, Station
from ris.fhir.search.parameters import Reference
from ris.fhir.search.values import Wrong


@dataclass(frozen=True, slots=True)
class Included:
    """What goes with the matches; `cut`: there is more than goes into one answer."""

    resources: list[Json]
    cut: bool = False


def included(
    station: Station, matches: list[Json], query: QueryDict, user: User, stations: Mapping[str, Station]
) -> Included:
    """Each once, and none that is a match itself. Who may not see a type at all is told nothing of it. Raises Wrong."""
    found: dict[tuple[str, str], Json] = {}
    for name in query.getlist("_include"):
        _keep(found, _forward(station, matches, name, user, stations))
    for name in query.getlist("_revinclude"):
        _keep(found, _backward(station, matches, name, user, stations))
    for one in matches:
        found.pop((one["resourceType"], one["id"]), None)
    rows = list(found.values())
    return Included(rows[:MOST_INCLUDED], cut=len(rows) > MOST_INCLUDED)


def opens(station: Station, user: User) -> bool:
    """Whether this person sees anything of a type, and the token with which they came too."""
    return user.may(station.needs, None) and sees(user, f"fhir/{station.type}")


def _keep(found: dict[tuple[str, str], Json], more: Iterable[Json]) -> None:
    found |= {(one["resourceType"], one["id"]): one for one in more}


def _forward(
    station: Station, matches: list[Json], name: str, user: User, stations: Mapping[str, Station]
) -> Iterator[Json]:
    if name not in station.includes:
        raise Wrong("_include", f"{station.type} includes {', '.join(station.includes) or 'nothing'}.")
    parameter = cast("Reference", station.parameter(name.partition(":")[2]))
    for target in parameter.targets:
        keys = [key for one in matches for key in keys_in(one, parameter.element, target)]
        if opens(stations[target], user):
            yield from stations[target].some(user, list(dict.fromkeys(keys)))


def _backward(
    station: Station, matches: list[Json], name: str, user: User, stations: Mapping[str, Station]
) -> Iterable[Json]:
    if name not in station.revincludes:
        raise Wrong("_revinclude", f"With {station.type} go {', '.join(station.revincludes) or 'none'}.")
    kind, _, parameter = name.partition(":")
    other = cast("RowStation", stations[kind])
    keys = [int(one["id"]) for one in matches]
    if not keys or not opens(other, user):
        return []
    return other.referring(user, cast("Reference", other.parameter(parameter)), keys, MOST_INCLUDED + 1)


def keys_in(resource: Json, element: str, target: str) -> Iterator[str]:
    """The ids of a type to which an element refers, such as participant.actor."""
    places: list[Any] = [resource]
    for name in element.split("."):
        below = [place.get(name, []) for place in places]
        places = [one for each in below for one in (each if isinstance(each, list) else [each])]
    for place in places:
        kind, _, key = str(place.get("reference", "")).rpartition("/")
        if kind == target:
            yield key
