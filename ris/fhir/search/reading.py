"""From a query string to what is asked, by the table of a station; whatever is not in the table is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q
from django.http import QueryDict

from ris.fhir.search.parameters import Parameter, Person
from ris.fhir.search.values import LARGEST_ID, Wrong

if TYPE_CHECKING:
    from ris.fhir.resources.station import Asked, Station

MOST, USUAL = 200, 50
# What steers the answer and is no test; `_format` is looked at by the renderers.
STEERING = frozenset({"_count", "_cursor", "_include", "_revinclude", "_format", "_pretty"})


def asked_of(station: Station, query: QueryDict) -> Asked:
    """Raises Wrong, naming the parameter."""
    from ris.fhir.resources.station import Asked

    tests: list[tuple[Parameter, str]] = []
    chained: list[Q] = []
    for name, values in query.lists():
        if name in STEERING:
            continue
        for value in values:
            test = _test(station, name, value)
            tests.append((test, value)) if isinstance(test, Parameter) else chained.append(test)
    return Asked(tests, _count(query), _cursor(query), chained)


def _test(station: Station, name: str, value: str) -> Parameter | Q:
    head, dot, rest = name.partition(".")
    parameter = station.parameter(head)
    if parameter is None:
        known = ", ".join(one.name for one in station.parameters)
        raise Wrong(name[:60], f"{station.type} is searched by {known}; modifiers are not known here.")
    if not dot:
        return parameter
    if not isinstance(parameter, Person):
        raise Wrong(name[:60], "Only a patient can be searched through, as patient.identifier.")
    return _chained(parameter, name, rest, value)


def _chained(parameter: Person, name: str, rest: str, value: str) -> Q:
    """patient.identifier=…: everything of the people whom the inner search finds."""
    from ris.fhir.resources.patients import PatientStation
    from ris.patients.models import Patient

    inner = PatientStation().parameter(rest)
    if inner is None:
        raise Wrong(name[:60], "Patient is not searched by this.")
    people = Patient.objects.filter(inner.asks(value))
    same = Q(pk__in=people.values("pk")) | Q(merged_into__in=people.values("pk"))
    return Q(**{f"{parameter.field}__in": Patient.objects.filter(same).values("pk")})


def _count(query: QueryDict) -> int:
    text = query.get("_count", str(USUAL))
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:10]) <= 1_000_000):
        raise Wrong("_count", f"A number from 1 on; at most {MOST} are answered at once.")
    return min(int(text), MOST)


def _cursor(query: QueryDict) -> str:
    text = query.get("_cursor", "")
    if text and not (text.isascii() and text.isdigit() and int(text[:20]) <= LARGEST_ID):
        raise Wrong("_cursor", "Follow the link to the next page instead.")
    return text
