"""Whatever stands in the place of an element of a body that is sent to us: it is refused in words, with its place."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ris.fhir.mapping.asking import Misread, asked_appointment, asked_request
from ris.fhir.mapping.datatypes import House
from tests.ris.fhir.conftest import Hospital
from tests.ris.fhir.test_making import booking_of, request_of
from tests.world import World

HOUSE = House("http://localhost:8000/fhir")
SIDE = {"coding": [{"system": "http://snomed.info/sct", "code": "7771000"}], "text": "Left"}
Place = tuple[str | int, ...]


def request() -> dict[str, Any]:
    """One that fills every element that is read."""
    system = f"{HOUSE.base}/sid"
    return {
        "resourceType": "ServiceRequest", "status": "active", "intent": "order", "priority": "urgent",
        "subject": {"reference": "Patient/1"},
        "code": {"coding": [{"system": f"{system}/procedure", "code": "CTCHEST"}]},
        "performer": [{"identifier": {"system": f"{system}/site", "value": "north"}}],
        "identifier": [{"type": {"coding": [{"code": "PLAC"}]}, "system": "https://ehr.example.org", "value": "E-1"}],
        "encounter": {"identifier": {"system": "https://ehr.example.org/stays", "value": "V1"}},
        "reasonCode": [{"coding": [{"code": "R05", "display": "Cough"}]}],
        "requester": {"display": "Frank Referrer"}, "note": [{"text": "Nodule?"}], "bodySite": [SIDE],
        "occurrencePeriod": {"start": "2027-03-05"}, "occurrenceTiming": {"event": ["2027-03-05"]},
        "occurrenceDateTime": "2027-03-05T10:00:00+01:00",
    }  # fmt: skip


def appointment() -> dict[str, Any]:
    return {
        "resourceType": "Appointment", "status": "booked", "basedOn": [{"reference": "ServiceRequest/1"}],
        "slot": [{"reference": "Slot/1-202703050800-202703051000"}],
        "start": "2027-03-05T10:00:00+01:00", "end": "2027-03-05T10:30:00+01:00",
        "participant": [{"actor": {"reference": "Patient/1"}, "status": "accepted"}],
    }  # fmt: skip


def places(data: Any, here: Place = ()) -> Iterator[Place]:
    """Of every element, the outermost first."""
    yield here
    pairs = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in pairs:
        yield from places(value, (*here, key))


def with_in(data: Any, place: Place, value: Any) -> Any:
    """The body with a value in this place."""
    if not place:
        return value
    made = copy.deepcopy(data)
    found = made
    for key in place[:-1]:
        found = found[key]
    found[place[-1]] = value
    return made


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(
        ["reference", "coding", "code", "system", "value", "text", "identifier", "x"]), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(place=st.sampled_from(list(places(request()))), value=JSON)
def test_a_request_with_anything_anywhere_is_read_or_refused_in_words(place: Place, value: Any) -> None:
    with suppress(Misread):
        assert asked_request(with_in(request(), place, value), HOUSE).patient > 0


@settings(max_examples=60, deadline=None)
@given(place=st.sampled_from(list(places(appointment()))), value=JSON)
def test_an_appointment_with_anything_anywhere_is_read_or_refused_in_words(place: Place, value: Any) -> None:
    with suppress(Misread):
        assert asked_appointment(with_in(appointment(), place, value)).requests


@pytest.mark.db
def test_a_list_in_the_place_of_a_word_is_400_and_names_the_place(world: World, clerk: Hospital) -> None:
    order = world.order()
    cases: list[tuple[str, dict[str, Any], str]] = [
        ("ServiceRequest", request_of(world, status=["active"]), "status"),
        ("ServiceRequest", request_of(world, intent={"order": 1}), "intent"),
        ("ServiceRequest", request_of(world, priority=["stat"]), "priority"),
        ("ServiceRequest", request_of(world, bodySite=[{"coding": [{"code": ["7771000"]}]}]), "bodySite.coding.code"),
        ("ServiceRequest", request_of(world, code={"coding": [{"code": {}}]}), "code.coding.code"),
        ("ServiceRequest", request_of(world, subject=["Patient/1"]), "subject"),
        ("ServiceRequest", request_of(world, occurrenceDateTime="9999-12-31T23:59:59-14:00"), "occurrenceDateTime"),
        ("Appointment", booking_of(world, order, status=["booked"]), "status"),
        ("Appointment", booking_of(world, order, start=["2027"]), "start"),
        ("Appointment", booking_of(world, order, start="0001-01-01T00:00:00+14:00"), "start"),
        ("Appointment", booking_of(world, order, participant=[{"actor": []}]), "participant.actor"),
        ("Appointment", booking_of(world, order, slot=[{"reference": "Slot/1-999912312358-999912312359"}]), "slot"),
    ]
    wrong = []
    for kind, body, element in cases:
        answer = clerk.post(kind, json.loads(json.dumps(body)))
        named = [name for issue in answer.json().get("issue", []) for name in issue.get("expression", [])]
        wrong += [(element, answer.status_code, named)] if (answer.status_code, named) != (400, [element]) else []
    assert wrong == []
