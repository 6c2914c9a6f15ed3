"""From a query string to what is asked, by the table of a station; whatever is not in the table is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q
from django.http import QueryDict

from ris.core.errors import NotPermitted
from ris.fhir.search.parameters import Parameter, Person
from ris.fhir.search.values import LARGEST_ID, Wrong

if TYPE_CHECKING:
    from ris.accounts.models import User
    from ris.fhir.resources.station import Asked, Station

MOST, USUAL = 200, 50
# Each may join another table, and a database joins only so many.
MOST_TESTS = 20
# What steers the answer and is no test; `_format` is looked at by the renderers.
STEERING = frozenset({"_count", "_cursor", "_include", "_revinclude", "_format", "_pretty"})


def asked_of(station: Station, query: QueryDict, user: User) -> Asked:
    """Raises Wrong, naming the parameter, and NotPermitted where it goes through people whom the user may not see."""
    from ris.fhir.resources.station import Asked

    tests: list[tuple[Parameter, str]] = []
    chained: list[Q] = []
    name = ""
    for name, values in query.lists():
        if name in STEERING:
            continue
        for value in values:
            test = _test(station, name, value, user)
            tests.append((test, value)) if isinstance(test, Parameter) else chained.append(test)
    if len(tests) + len(chained) > MOST_TESTS:
        raise Wrong(name[:60], f"More than {MOST_TESTS} tests at once.")
    return Asked(tests, _count(query), _cursor(query), chained)


def _test(station: Station, name: str, value: str, user: User) -> Parameter | Q:
    head, dot, _rest = name.partition(".")
    parameter = station.parameter(head)
    if parameter is None:
        known = ", ".join(one.name for one in station.parameters)
        raise Wrong(name[:60], f"{station.type} is searched by {known}; modifiers are not known here.")
    if not dot:
        return parameter
    if not isinstance(parameter, Person):
        raise Wrong(name[:60], "Only a patient can be searched through, as patient.identifier.")
    return _chained(parameter, name, value, user)


def _chained(parameter: Person, name: str, value: str, user: User) -> Q:
    """patient.identifier=…: everything of the people whom this user would find by the inner search."""
    from ris.fhir.resources.patients import PatientStation
    from ris.fhir.search.including import opens
    from ris.patients.models import Patient

    people = PatientStation()
    inner = people.parameter(name.partition(".")[2])
    if inner is None:
        raise Wrong(name[:60], "Patient is not searched by this.")
    if not opens(people, user):
        raise NotPermitted("To search through patients you must be allowed to see them.")
    found = people.visible(user).filter(inner.asks(value))
    same = Q(pk__in=found.values("pk")) | Q(merged_into__in=found.values("pk"))
    return parameter.about(Patient.objects.filter(same).values("pk"))


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
