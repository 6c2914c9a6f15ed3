"""From a query string to what is asked, by the table of a station; whatever is not in the table is refused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import tzinfo
from typing import TYPE_CHECKING, Final, cast
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Q
from django.http import QueryDict

from ris.accounts.models import Site
from ris.core.errors import NotPermitted
from ris.fhir.search.modifiers import modified
from ris.fhir.search.ordering import CURSOR, ordering_of
from ris.fhir.search.parameters import Moment, Parameter, Person, Reference
from ris.fhir.search.values import Wrong

if TYPE_CHECKING:
    from ris.accounts.models import User
    from ris.fhir.resources.station import Asked, RowStation, Station

MOST, USUAL = 200, 50
# Each may join another table, and a database joins only so many.
MOST_TESTS = 20
# What may be searched through: patient.identifier, based-on.identifier.
THROUGH: Final = ("Patient", "ServiceRequest")
# Values of what steers the answer where any other is refused. The total is always exact; a summary is the whole but
# for `count`, as R4 §3.1.1.5.8 allows.
KNOWN: Final = {
    "_total": ("none", "estimate", "accurate"),
    "_summary": ("true", "text", "data", "count", "false"),
}
# What steers the answer and is no test; `_format` is looked at by the renderers.
STEERING = frozenset(
    {"_count", "_cursor", "_include", "_revinclude", "_format", "_pretty", "_sort", "_elements", *KNOWN}
)


class Unknown(Wrong):
    """A parameter that the type does not have: who asks for lenient handling is answered without it."""


def asked_of(station: Station, query: QueryDict, user: User, *, lenient: bool = False) -> Asked:
    """Raises Wrong, naming the parameter, and NotPermitted where it goes through people whom the user may not see."""
    from ris.fhir.resources.station import Asked

    tests: list[tuple[Parameter, str]] = []
    chained: list[Q] = []
    ignored: list[str] = []
    name = ""
    for name, value in pairs_of(query):
        if name in STEERING:
            continue
        try:
            test = _test(station, name, value, user)
        except Unknown:
            if not lenient:
                raise
            ignored.append(name)
            continue
        tests.append((test, value)) if isinstance(test, Parameter) else chained.append(test)
    if len(tests) + len(chained) > MOST_TESTS:
        raise Wrong(name[:60], f"More than {MOST_TESTS} tests at once.")
    order = ordering_of(station.parameters, station.usual, query.get("_sort", station.usual))
    return Asked(tests, _count(query), _cursor(query), chained, order, ignored)


def pairs_of(query: QueryDict) -> list[tuple[str, str]]:
    return [(name, value) for name, values in query.lists() for value in values]


def _test(station: Station, name: str, value: str, user: User) -> Parameter | Q:
    head, dot, rest = name.partition(".")
    plain, colon, modifier = head.partition(":")
    parameter = station.parameter(plain)
    if parameter is None:
        raise Unknown(name[:60], f"{station.type} is searched by {_listed(station)}.")
    if isinstance(parameter, Moment):
        parameter = replace(parameter, zone=clock_of(user, station))
    if colon:
        parameter = modified(parameter, modifier)
    return _chained(parameter, rest, name, value, user) if dot else parameter


def _listed(station: Station) -> str:
    return ", ".join(one.name for one in station.parameters)


def clock_of(user: User, station: Station) -> tzinfo:
    """Of a date without a zone (R4 §3.1.1.4.7): that of the sites whose data is searched where they share one clock."""
    sites = Site.objects.filter(pk__in=user.sites_where(station.needs))
    zones = set(sites.values_list("time_zone", flat=True))
    return ZoneInfo(zones.pop() if len(zones) == 1 else settings.TIME_ZONE)


def _chained(parameter: Parameter, inner: str, name: str, value: str, user: User) -> Q:
    """patient.identifier=…: everything of those whom this user would find by the inner search."""
    from ris.fhir.search.including import opens
    from ris.fhir.stations import STATIONS
    from ris.patients.models import Patient

    if not isinstance(parameter, Reference) or parameter.targets not in [(one,) for one in THROUGH]:
        raise Wrong(name[:60], f"Only {' and '.join(THROUGH)} can be searched through, as patient.identifier.")
    target = cast("RowStation", STATIONS[parameter.targets[0]])
    if "." in inner or target.parameter(inner.partition(":")[0]) is None:
        raise Wrong(name[:60], f"{target.type} is not searched by this.")
    if not opens(target, user):
        raise NotPermitted(f"To search through a {target.type} you must be allowed to see them.")
    test = cast("Parameter", _test(target, inner, value, user))
    found = target.visible(user).filter(test.asks(value)).values("pk")
    if not isinstance(parameter, Person):
        return parameter.among(cast("Sequence[int]", found))
    same = Q(pk__in=found) | Q(merged_into__in=found)
    return parameter.about(Patient.objects.filter(same).values("pk"))


def _count(query: QueryDict) -> int:
    """How many rows a page has; none where only their number is asked for (R4 §3.1.1.5.4, §3.1.1.5.8)."""
    for name, known in KNOWN.items():
        if query.get(name, known[0]) not in known:
            raise Wrong(name, f"One of {', '.join(known)}.")
    text = query.get("_count", str(USUAL))
    if not (text.isascii() and text.isdigit() and int(text[:10]) <= 1_000_000):
        raise Wrong("_count", f"A number; at most {MOST} are answered at once.")
    return 0 if query.get("_summary") == "count" else min(int(text), MOST)


def _cursor(query: QueryDict) -> str:
    text = query.get("_cursor", "")
    if text and CURSOR.fullmatch(text) is None:
        raise Wrong("_cursor", "Follow the link to the next page instead.")
    return text
