"""occurrence[x] of a ServiceRequest: from when it is wanted, until it is planned (R4 §12.7)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from ris.orders.models import Order
from tests.ris.fhir.conftest import Hospital
from tests.ris.fhir.test_making import booking_of, request_of
from tests.services.fhir import faults_of
from tests.world import World

pytestmark = pytest.mark.db
MORNING = "2027-03-05T09:30:00+05:00"


@pytest.mark.parametrize(
    "occurrence",
    [
        {"occurrenceDateTime": MORNING},
        {"occurrencePeriod": {"start": MORNING, "end": "2027-03-09"}},
        {"occurrenceTiming": {"event": [MORNING]}},
    ],
    ids=["dateTime", "Period", "Timing"],
)
def test_the_beginning_of_the_occurrence_is_kept_and_told(
    world: World, clerk: Hospital, occurrence: dict[str, Any]
) -> None:
    asked = request_of(world, **occurrence)
    assert faults_of([asked]) == [[]]
    answer = clerk.post("ServiceRequest", asked)
    assert answer.status_code == 201, answer.json()
    moment = datetime(2027, 3, 5, 4, 30, tzinfo=UTC)
    assert Order.objects.get().wanted_from == moment
    assert datetime.fromisoformat(answer.json()["occurrenceDateTime"]) == moment
    assert faults_of([answer.json()]) == [[]]


@pytest.mark.parametrize(("said", "begins"), [("2027-03-05", (3, 5)), ("2027-03", (3, 1)), ("2027", (1, 1))])
def test_a_day_a_month_and_a_year_begin_at_the_site(
    world: World, clerk: Hospital, said: str, begins: tuple[int, int]
) -> None:
    assert clerk.post("ServiceRequest", request_of(world, occurrenceDateTime=said)).status_code == 201
    assert Order.objects.get().wanted_from == datetime(2027, *begins, tzinfo=world.north.zone)


@pytest.mark.parametrize(
    "occurrence",
    [
        {"occurrenceDateTime": "soon"},
        {"occurrenceDateTime": "2027-02-30"},
        {"occurrenceDateTime": "2027-03-05T10:00:00"},
        {"occurrenceDateTime": 2027},
        {"occurrencePeriod": {"start": "soon"}},
        {"occurrenceDateTime": "0001-01-01"},
    ],
)
def test_what_is_no_time_or_no_possible_one_is_refused(
    world: World, clerk: Hospital, occurrence: dict[str, Any]
) -> None:
    assert clerk.post("ServiceRequest", request_of(world, **occurrence)).status_code in {400, 422}
    assert not Order.objects.exists()


def test_once_it_is_planned_the_request_says_when_and_the_appointment_what_was_wanted(
    world: World, clerk: Hospital
) -> None:
    clerk.post("ServiceRequest", request_of(world, occurrenceDateTime=MORNING))
    booked = clerk.post("Appointment", booking_of(world, Order.objects.get()))
    assert booked.status_code == 201, booked.json()
    [request], [appointment] = clerk.found("ServiceRequest"), clerk.found("Appointment")
    assert request["occurrenceDateTime"] == appointment["start"]
    [period] = appointment["requestedPeriod"]
    assert datetime.fromisoformat(period["start"]) == datetime(2027, 3, 5, 4, 30, tzinfo=UTC)
    assert faults_of([request, appointment]) == [[], []]


def test_a_request_is_found_by_when_it_is_wanted_until_it_is_planned(world: World, clerk: Hospital) -> None:
    """As occurrenceDateTime says: the wish of an order that nobody has booked, then the plan alone."""
    clerk.post("ServiceRequest", request_of(world, occurrenceDateTime=MORNING))
    wished = {"occurrence": "2027-03-05"}
    assert len(clerk.found("ServiceRequest", wished)) == 1
    assert clerk.found("ServiceRequest", {"occurrence": "2027-03-06"}) == []
    booked = clerk.post("Appointment", booking_of(world, Order.objects.get()))
    assert booked.status_code == 201, booked.json()
    assert clerk.found("ServiceRequest", wished) == []
    assert len(clerk.found("ServiceRequest", {"occurrence": booked.json()["start"]})) == 1
