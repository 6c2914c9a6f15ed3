"""/api/v1/orders/ and the catalogue."""

from __future__ import annotations

import pytest
from rest_framework.test import APIClient

from ris.audit.models import AuditEvent
from ris.core.identifiers import is_uid
from ris.orders.models import Order, Procedure, Referrer
from ris.scheduling.actions import start_step
from tests.world import World

pytestmark = pytest.mark.db
ORDERS = "/api/v1/orders/"


def body_of(world: World, **changes: object) -> dict[str, object]:
    plain = {"patient": world.patient().pk, "site": "north", "procedures": ["CTCHEST"], "reason": "Cough"}
    return plain | changes


def test_the_catalogue_lists_what_can_be_ordered(clerk: APIClient) -> None:
    Procedure.objects.filter(code="USABD").update(active=False)
    codes = {row["code"] for row in clerk.get("/api/v1/procedures/").json()["results"]}
    assert {"CTCHEST", "MRBRAIN"} <= codes
    assert "USABD" not in codes


def test_an_order_has_its_numbers_at_once_and_its_steps_wait(world: World, clerk: APIClient) -> None:
    body = body_of(world, procedures=["CTCHEST", "MRBRAIN"], priority="HIGH", referrer_name="REFERRER^Frank")
    answer = clerk.post(ORDERS, body, format="json")
    assert answer.status_code == 201, answer.json()
    order = answer.json()
    assert (order["state"], order["priority"], order["placed_by_name"]) == ("active", "HIGH", "Clara Clerk")
    assert [item["code"] for item in order["procedures"]] == ["CTCHEST", "MRBRAIN"]
    assert len({item["accession_number"] for item in order["procedures"]}) == 2
    assert all(is_uid(item["study_instance_uid"]) for item in order["procedures"])
    waiting = clerk.get("/api/v1/steps/", {"site": "north"}).json()["results"]
    assert [step["order"] for step in waiting] == [order["id"], order["id"]]
    assert AuditEvent.objects.filter(action="order.placed", target_id=str(order["id"])).exists()


def test_the_same_code_twice_is_one_procedure(world: World, clerk: APIClient) -> None:
    answer = clerk.post(ORDERS, body_of(world, procedures=["CTCHEST", "CTCHEST"]), format="json")
    assert len(answer.json()["procedures"]) == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("procedures", ["NOSUCH"]),
        ("procedures", []),
        ("procedures", ["CTCHEST"] * 21),
        ("patient", 2**63),
        ("patient", True),
        ("patient", 0),
        ("priority", "NOW"),
        ("reason", "x" * 256),
        ("state", "completed"),
        ("filler_number", "MINE"),
        ("placed_by_name", "Somebody else"),
    ],
)
def test_what_cannot_be_ordered_is_refused_by_name(world: World, clerk: APIClient, field: str, value: object) -> None:
    answer = clerk.post(ORDERS, body_of(world, **{field: value}), format="json")
    assert answer.status_code == 400
    assert list(answer.json()["fields"]) == [field]
    assert not Order.objects.exists()


def test_nobody_orders_for_a_patient_of_another_site(world: World, outsider: APIClient) -> None:
    answer = outsider.post(ORDERS, body_of(world, site="south"), format="json")
    assert answer.status_code == 400
    assert list(answer.json()["fields"]) == ["patient"]


def test_who_may_not_order_is_refused(world: World, technologist: APIClient) -> None:
    answer = technologist.post(ORDERS, body_of(world), format="json")
    assert answer.status_code == 403
    assert not Order.objects.exists()


def test_cancelling_needs_a_reason_and_happens_once(world: World, clerk: APIClient) -> None:
    order = world.order()
    address = f"{ORDERS}{order.pk}/cancel/"
    assert clerk.post(address, {}, format="json").status_code == 400
    answer = clerk.post(address, {"reason": "Patient declined"}, format="json")
    assert (answer.status_code, answer.json()["state"]) == (200, "cancelled")
    assert answer.json()["cancel_reason"] == "Patient declined"
    again = clerk.post(address, {"reason": "Again"}, format="json")
    assert (again.status_code, again.json()["error"]) == (409, "illegal-move")


def test_a_started_exam_cannot_be_cancelled(world: World, clerk: APIClient) -> None:
    from ris.scheduling.actions import start_step

    order = world.order()
    start_step(world.step(world.booking(order)), by=world.technologist)
    answer = clerk.post(f"{ORDERS}{order.pk}/cancel/", {"reason": "Too late"}, format="json")
    assert answer.status_code == 409
    order.refresh_from_db()
    assert order.state == "in-progress"


def test_lists_are_narrowed_by_accession_patient_and_state(world: World, clerk: APIClient) -> None:
    first, second = world.order(), world.order()
    accession = first.procedures.get().accession_number
    for query, found in (
        ({"accession": accession}, [first.pk]),
        ({"patient": second.patient_id}, [second.pk]),
        ({"state": "active"}, [second.pk, first.pk]),
        ({"state": "cancelled"}, []),
    ):
        assert [row["id"] for row in clerk.get(ORDERS, query).json()["results"]] == found


def test_an_outsider_finds_no_such_order(world: World, outsider: APIClient) -> None:
    order = world.order()
    assert outsider.get(f"{ORDERS}{order.pk}/").status_code == 404
    assert outsider.post(f"{ORDERS}{order.pk}/cancel/", {"reason": "Mine"}, format="json").status_code == 404
    assert outsider.get(ORDERS).json()["count"] == 0


def test_opening_an_order_is_recorded(world: World, radiologist: APIClient) -> None:
    order = world.order()
    assert radiologist.get(f"{ORDERS}{order.pk}/").json()["reason"] == "Cough"
    assert AuditEvent.objects.get(action="order.opened").patient_id == order.patient_id


def test_an_order_is_modified_from_the_revision_that_was_read(world: World, clerk: APIClient) -> None:
    order = world.order()
    address = f"{ORDERS}{order.pk}/modify/"
    answer = clerk.post(address, {"revision": 0, "priority": "STAT"}, format="json")
    changed = answer.json()
    assert (answer.status_code, changed["priority"], changed["revision"]) == (200, "STAT", 1)
    assert (changed["reason"], changed["referrer_name"]) == ("Cough", "REFERRER^Frank"), "what is not named stays"
    again = clerk.post(address, {"revision": 0, "reason": "Other"}, format="json")
    assert again.status_code == 422
    assert Order.objects.get(pk=order.pk).reason == "Cough"


def test_an_order_is_replaced_and_the_new_one_is_answered(world: World, clerk: APIClient) -> None:
    old = world.order()
    body = {"procedures": ["MRBRAIN"], "priority": "HIGH", "why": "Another exam"}
    answer = clerk.post(f"{ORDERS}{old.pk}/replace/", body, format="json")
    assert answer.status_code == 201, answer.json()
    assert [item["code"] for item in answer.json()["procedures"]] == ["MRBRAIN"]
    old.refresh_from_db()
    assert (old.state, old.replaced_by.get().pk) == ("replaced", answer.json()["id"])


def test_only_what_has_begun_is_discontinued(world: World, technologist: APIClient) -> None:
    step = world.step()
    address = f"{ORDERS}{step.requested_procedure.order_id}/discontinue/"
    assert technologist.post(address, {"reason": "Patient unwell"}, format="json").status_code == 409
    start_step(step, by=world.technologist)
    answer = technologist.post(address, {"reason": "Patient unwell"}, format="json")
    assert (answer.status_code, answer.json()["state"]) == (200, "discontinued")


def ward(**changes: object) -> Referrer:
    return Referrer.objects.create(**({"family_name": "Ward", "given_name": "Wilma", "title": "Dr."} | changes))


def test_the_directory_is_searched_and_an_order_names_who_sends(world: World, clerk: APIClient) -> None:
    wilma = ward()
    ward(given_name="Walter", active=False)
    assert clerk.get(f"{ORDERS}referrers/").json() == []
    (found,) = clerk.get(f"{ORDERS}referrers/", {"q": "WARD w"}).json()
    assert found == {"id": wilma.pk, "label": "Ward, Wilma, Dr.", "referrer_name": "Ward^Wilma^^Dr."}
    placed = clerk.post(ORDERS, body_of(world, referrer=wilma.pk), format="json").json()
    assert (placed["referrer"], placed["referrer_name"]) == (wilma.pk, "Ward^Wilma^^Dr.")
    two = clerk.post(ORDERS, body_of(world, referrer=wilma.pk, referrer_name="OTHER^Otto"), format="json")
    assert (two.status_code, list(two.json()["fields"])) == (400, ["referrer_name"])


def test_a_referrer_is_changed_by_the_directory_or_by_name_and_never_by_halves(world: World, clerk: APIClient) -> None:
    wilma, order = ward(), world.order()

    def modified(**changes: object) -> tuple[object, object]:
        body = {"revision": Order.objects.get(pk=order.pk).revision, **changes}
        answer = clerk.post(f"{ORDERS}{order.pk}/modify/", body, format="json")
        assert answer.status_code == 200, answer.json()
        return answer.json()["referrer"], answer.json()["referrer_name"]

    assert modified(referrer=wilma.pk) == (wilma.pk, "Ward^Wilma^^Dr.")
    assert modified(priority="HIGH") == (wilma.pk, "Ward^Wilma^^Dr.")
    assert modified(referrer=None) == (None, "Ward^Wilma^^Dr.")
    assert modified(referrer=wilma.pk) == (wilma.pk, "Ward^Wilma^^Dr.")
    assert modified(referrer_name="OTHER^Otto") == (None, "OTHER^Otto")


def test_who_left_the_directory_sends_nobody_any_more(world: World, clerk: APIClient) -> None:
    gone = ward(active=False)
    refused = clerk.post(ORDERS, body_of(world, referrer=gone.pk), format="json")
    assert (refused.status_code, list(refused.json()["fields"])) == (400, ["referrer"])
