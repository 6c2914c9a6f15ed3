"""Orders and appointments that other systems make: through the same actions as the pages, and once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from ris.audit.models import AuditEvent
from ris.fhir.mapping.appointment import slot_key
from ris.fhir.mapping.datatypes import House, visit_in
from ris.orders.models import Order, Procedure
from ris.scheduling.models import Appointment
from tests.ris.fhir.conftest import Hospital
from tests.services.fhir import faults_of
from tests.world import World

pytestmark = pytest.mark.db
BASE = "http://localhost:8000/fhir/sid"
PLAC = {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0203", "code": "PLAC"}]}


def request_of(world: World, **changes: Any) -> dict[str, Any]:
    plain = {
        "resourceType": "ServiceRequest", "status": "active", "intent": "order", "priority": "urgent",
        "subject": {"reference": f"Patient/{world.patient().pk}"},
        "code": {"coding": [{"system": f"{BASE}/procedure", "code": "CTCHEST"}]},
        "performer": [{"identifier": {"system": f"{BASE}/site", "value": "north"}}],
        "identifier": [{"type": PLAC, "value": "EHR-77"}],
        "reasonCode": [{"text": "Cough"}],
        "requester": {"display": "Frank Referrer"},
        "note": [{"text": "Nodule?"}],
    }  # fmt: skip
    return plain | changes


def booking_of(world: World, order: Order, **changes: Any) -> dict[str, Any]:
    start = world.soon() + timedelta(hours=1)
    slot = slot_key(world.room().pk, start, start + timedelta(hours=2))
    plain = {
        "resourceType": "Appointment", "status": "booked",
        "basedOn": [{"reference": f"ServiceRequest/{order.procedures.get().pk}"}],
        "slot": [{"reference": f"Slot/{slot}"}],
        "start": start.isoformat(), "end": (start + timedelta(minutes=30)).isoformat(),
        "participant": [{"actor": {"reference": f"Patient/{order.patient_id}"}, "status": "accepted"}],
    }  # fmt: skip
    return plain | changes


def test_an_order_is_placed_as_the_page_places_it(world: World, clerk: Hospital) -> None:
    asked = request_of(world)
    assert faults_of([asked]) == [[]]
    answer = clerk.post("ServiceRequest", asked)
    assert answer.status_code == 201, answer.json()
    made = answer.json()
    order = Order.objects.get()
    assert answer["Location"] == f"http://localhost:8000/fhir/ServiceRequest/{order.procedures.get().pk}"
    assert (order.placer_number, order.priority, order.reason) == ("EHR-77", "HIGH", "Cough")
    assert (order.referrer_name, order.clinical_question) == ("Referrer^Frank", "Nodule?")
    assert order.placed_by_name == "Clara Clerk"
    assert {one["type"]["coding"][0]["code"] for one in made["identifier"] if "type" in one} == {"PLAC", "FILL", "ACSN"}
    assert AuditEvent.objects.filter(action="order.placed", target_id=str(order.pk)).exists()
    assert faults_of([made]) == [[]]


def test_the_number_of_the_stay_is_kept_and_told_as_the_encounter(world: World, clerk: Hospital) -> None:
    theirs = {"system": "https://kis.example.org/stays", "value": "V77"}
    asked = request_of(world, encounter={"identifier": theirs})
    assert faults_of([asked]) == [[]]
    made = clerk.post("ServiceRequest", asked).json()
    order = Order.objects.get()
    assert (order.visit_number, order.visit_issuer) == ("V77", "https://kis.example.org/stays")
    assert made["encounter"]["identifier"] | theirs == made["encounter"]["identifier"]
    Order.objects.update(visit_issuer="STAYS WEST")
    [told] = clerk.found("ServiceRequest")
    ours = told["encounter"]["identifier"]
    assert (ours["system"], ours["value"]) == (f"{BASE}/visit/STAYS%20WEST", "V77")
    assert faults_of([told]) == [[]]
    other = request_of(world, encounter={"identifier": ours}, identifier=[{"type": PLAC, "value": "EHR-78"}])
    assert clerk.post("ServiceRequest", other).status_code == 201
    assert Order.objects.get(placer_number="EHR-78").visit_issuer == "STAYS WEST"
    theirs = {"system": f"https://kis.example.org/{'stays/' * 10}", "value": "V79"}
    kept = request_of(world, encounter={"identifier": theirs}, identifier=[{"type": PLAC, "value": "EHR-79"}])
    assert clerk.post("ServiceRequest", kept).status_code == 201
    order = Order.objects.get(placer_number="EHR-79")
    assert (order.visit_number, order.visit_issuer) == ("V79", ""), "an address that cannot be kept refuses no order"
    long = request_of(world, encounter={"identifier": {"value": "x" * 65}}, identifier=[])
    assert clerk.post("ServiceRequest", long).status_code == 422


@pytest.mark.parametrize(
    ("system", "issuer"),
    [(f"{BASE}/visit", ""), (f"{BASE}/visit/STAYS%20WEST", "STAYS WEST"), (f"{BASE}/visits-x", f"{BASE}/visits-x")],
)
def test_a_system_that_only_begins_like_ours_is_another_ones(system: str, issuer: str) -> None:
    assert visit_in(system, "V77", House(BASE.removesuffix("/sid"))).issuer == issuer


def test_the_same_placer_number_is_the_same_order(world: World, clerk: Hospital) -> None:
    asked = request_of(world)
    first, second = clerk.post("ServiceRequest", asked), clerk.post("ServiceRequest", asked)
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json() == second.json()
    other = clerk.post("ServiceRequest", request_of(world))
    assert (other.status_code, other.json()["issue"][0]["code"]) == (409, "conflict")
    assert Order.objects.count() == 1


def test_another_side_under_a_known_placer_number_is_never_told_as_there(world: World, clerk: Hospital) -> None:
    Procedure.objects.create(code="DXKNEE", name="Knee radiograph", modality="DX", paired=True)
    knee = {"coding": [{"system": f"{BASE}/procedure", "code": "DXKNEE"}]}
    sides = {side: {"code": knee, "bodySite": [{"text": side}]} for side in ("right", "left")}
    right = request_of(world, **sides["right"])
    assert clerk.post("ServiceRequest", right).status_code == 201
    refused = clerk.post("ServiceRequest", right | sides["left"])
    assert (refused.status_code, refused.json()["issue"][0]["code"]) == (409, "conflict")
    assert "another side" in refused.content.decode()
    assert clerk.post("ServiceRequest", right).status_code == 200
    assert Order.objects.get().procedures.get().laterality == "R"


def test_another_exam_under_a_known_placer_number_is_never_told_as_there(world: World, clerk: Hospital) -> None:
    asked = request_of(world)
    assert clerk.post("ServiceRequest", asked).status_code == 201
    brain = asked | {"code": {"coding": [{"system": f"{BASE}/procedure", "code": "MRBRAIN"}]}}
    refused = clerk.post("ServiceRequest", brain)
    assert (refused.status_code, refused.json()["issue"][0]["code"]) == (409, "conflict")
    assert "another exam" in refused.content.decode()
    assert Order.objects.count() == 1


def test_if_none_exist_makes_it_once(world: World, clerk: Hospital) -> None:
    asked = request_of(world, identifier=[])
    patient = asked["subject"]["reference"]
    headers = {"if-none-exist": f"patient={patient}&code=CTCHEST&status=active"}
    answers = [clerk.post("ServiceRequest", asked, **headers) for _ in range(2)]
    assert [one.status_code for one in answers] == [201, 200]
    clerk.post("ServiceRequest", asked)
    assert clerk.post("ServiceRequest", asked, **headers).status_code == 412
    assert clerk.post("ServiceRequest", asked, **{"if-none-exist": "nonsense=1"}).status_code == 400
    assert Order.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_two_at_the_same_moment_make_one(world: World) -> None:
    asked = request_of(world)
    programs = [Hospital(world.clerk) for _ in range(4)]

    def send(program: Hospital) -> int:
        try:
            return int(program.post("ServiceRequest", asked).status_code)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        told = sorted(pool.map(send, programs))
    assert told == [200, 200, 200, 201]
    assert Order.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "status", "element"),
    [
        ({"status": "draft"}, 400, "status"),
        ({"intent": "plan"}, 400, "intent"),
        ({"doNotPerform": True}, 400, "doNotPerform"),
        ({"priority": "now"}, 400, "priority"),
        ({"subject": {"reference": "Group/1"}}, 400, "subject"),
        ({"subject": {"reference": "Patient/4711"}}, 400, "subject"),
        ({"subject": 3}, 400, "subject"),
        ({"code": {"text": "CT"}}, 400, "code"),
        ({"code": {"coding": [{"system": f"{BASE}/procedure", "code": "NOSUCH"}]}}, 422, "ServiceRequest.code"),
        ({"performer": [{"identifier": {"system": f"{BASE}/site", "value": "south"}}]}, 400, "performer"),
        ({"reasonCode": [{"text": "x" * 300}]}, 422, "reason"),
        ({"note": "x"}, 400, "note"),
    ],
)
def test_what_cannot_be_ordered_is_refused_by_element(
    world: World, clerk: Hospital, changes: dict[str, Any], status: int, element: str
) -> None:
    answer = clerk.post("ServiceRequest", request_of(world, **changes))
    assert answer.status_code == status, answer.json()
    assert element in [name for issue in answer.json()["issue"] for name in issue.get("expression", [])]
    assert not Order.objects.exists()


def test_a_time_is_booked_in_a_free_slot_and_once(world: World, clerk: Hospital) -> None:
    order = world.order()
    asked = booking_of(world, order)
    assert faults_of([asked]) == [[]]
    first, again = clerk.post("Appointment", asked), clerk.post("Appointment", asked)
    assert (first.status_code, again.status_code) == (201, 200), first.json()
    visit = Appointment.objects.get()
    assert (visit.resource, visit.end - visit.start) == (world.room(), timedelta(minutes=30))
    assert first.json()["basedOn"] == asked["basedOn"]
    assert AuditEvent.objects.filter(action="appointment.booked").count() == 1
    taken = clerk.post("Appointment", booking_of(world, world.order()) | {
        name: asked[name] for name in ("slot", "start", "end")
    })  # fmt: skip
    assert (taken.status_code, taken.json()["issue"][0]["code"]) == (409, "conflict")


def test_the_time_must_lie_within_the_slot_and_be_the_patients(world: World, clerk: Hospital) -> None:
    asked = booking_of(world, world.order())
    late = asked | {"start": "2031-01-01T10:00:00Z", "end": "2031-01-01T10:20:00Z"}
    assert clerk.post("Appointment", late).status_code == 422
    strange = asked | {"participant": [{"actor": {"reference": f"Patient/{world.patient().pk}"}}]}
    assert clerk.post("Appointment", strange).status_code == 400
    assert clerk.post("Appointment", asked | {"slot": []}).status_code == 400
    assert clerk.post("Appointment", asked | {"start": "2031-01-01T10:00:00"}).status_code == 400
    assert not Appointment.objects.exists()


def test_who_may_not_order_or_book_is_refused(world: World, referrer: Hospital, outsider: Hospital) -> None:
    order = world.order()
    asked = request_of(world, identifier=[])
    assert referrer.post("ServiceRequest", asked).status_code == 403
    assert outsider.post("ServiceRequest", asked).status_code == 400, "it cannot see this patient"
    assert Hospital(world.radiologist).post("Appointment", booking_of(world, order)).status_code == 403
    assert outsider.post("Appointment", booking_of(world, order)).status_code == 400
    assert Order.objects.count() == 1
