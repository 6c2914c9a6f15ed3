"""A client's own number of an order: kept with its system, told again, found by it, and used once."""

from __future__ import annotations

from typing import Any

import pytest

from ris.orders.models import Order
from tests.ris.fhir.conftest import Hospital
from tests.ris.fhir.test_making import BASE, PLAC, request_of
from tests.services.fhir import faults_of
from tests.world import World

pytestmark = pytest.mark.db
EHR = "http://ehr.example/orders"
OWN = {"system": EHR, "value": "E-1"}


def made(client: Hospital, asked: dict[str, Any], **headers: str) -> dict[str, Any]:
    answer = client.post("ServiceRequest", asked, **headers)
    assert answer.status_code == 201, answer.json()
    return dict(answer.json())


def test_an_order_asked_for_twice_by_the_clients_own_number_is_one(world: World, clerk: Hospital) -> None:
    """The canonical conditional create: the answer was lost, the client sends again."""
    asked = request_of(world, identifier=[OWN])
    assert faults_of([asked]) == [[]]
    headers = {"if-none-exist": f"identifier={EHR}|E-1"}
    answers = [clerk.post("ServiceRequest", asked, **headers) for _ in range(2)]
    assert [one.status_code for one in answers] == [201, 200]
    assert answers[0].json() == answers[1].json()
    assert Order.objects.count() == 1


def test_the_number_is_told_with_its_system_and_found_by_it(world: World, clerk: Hospital) -> None:
    told = made(clerk, request_of(world, identifier=[OWN]))
    [placer] = [one for one in told["identifier"] if one["system"] == EHR]
    assert (placer["value"], placer["type"]["coding"][0]["code"]) == ("E-1", "PLAC")
    assert faults_of([told]) == [[]]
    for text in (f"{EHR}|E-1", "E-1"):
        assert [one["id"] for one in clerk.found("ServiceRequest", {"identifier": text})] == [told["id"]]
    for text in (f"{EHR}|E-2", "http://other.example/orders|E-1", f"{BASE}/placer|E-1", f"{BASE}/rooms|E-1"):
        assert clerk.found("ServiceRequest", {"identifier": text}) == []


def test_the_same_number_of_two_systems_is_two_orders(world: World, clerk: Hospital) -> None:
    asked = request_of(world, identifier=[OWN])
    other = [{"system": "http://clinic.example/orders", "value": "E-1"}]
    assert made(clerk, asked)["id"] != made(clerk, request_of(world, identifier=other))["id"]
    assert clerk.post("ServiceRequest", asked).status_code == 200, "sent again, and without a condition"


@pytest.mark.parametrize(
    ("numbers", "kept"),
    [
        ([OWN, {"type": PLAC, "value": "P-1"}], ("P-1", "")),
        ([OWN, {"system": f"{BASE}/placer", "value": "P-2"}], ("P-2", "")),
        ([OWN, {"system": f"{BASE}/placer/HIS%20WEST", "value": "P-3"}], ("P-3", "HIS WEST")),
        ([{"system": f"{BASE}/filler", "value": "F-1"}, OWN], ("E-1", EHR)),
        ([{"type": {"coding": [{"code": "ACSN"}]}, "system": "http://x.example", "value": "A-1"}], ("", "")),
        ([{"system": "urn:dicom:uid", "value": "urn:oid:2.25.1"}], ("", "")),
        ([{"system": EHR}, {"value": "E-4"}], ("E-4", "")),
    ],
    ids=["typed", "our system", "our system of a name", "behind ours", "another's accession", "a UID", "no system"],
)
def test_of_several_numbers_the_placers_is_taken(
    world: World, clerk: Hospital, numbers: list[dict[str, Any]], kept: tuple[str, str]
) -> None:
    made(clerk, request_of(world, identifier=numbers))
    order = Order.objects.get()
    assert (order.placer_number, order.placer_issuer) == kept


def test_a_system_that_is_too_long_to_be_kept_refuses_no_order_and_doubles_none(world: World, clerk: Hospital) -> None:
    system = f"http://ehr.example/{'orders/' * 10}"
    asked = request_of(world, identifier=[{"system": system, "value": "E-5"}])
    made(clerk, asked)
    headers = {"if-none-exist": f"identifier={system}|E-5"}
    assert clerk.post("ServiceRequest", asked, **headers).status_code == 200


def test_an_order_of_an_hl7_sender_has_its_namespace_as_its_system(world: World, clerk: Hospital) -> None:
    world.order()
    Order.objects.update(placer_number="PL1", placer_issuer="HIS WEST")
    [told] = clerk.found("ServiceRequest", {"identifier": f"{BASE}/placer/HIS%20WEST|PL1"})
    assert f"{BASE}/placer/HIS%20WEST" in [one["system"] for one in told["identifier"]]
