"""What ordinary clients ask (HAPI, Medplum): counts, orders, modifiers, forms, and dates of the clock on the wall."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest

from ris.accounts.models import Site
from ris.audit.models import AuditEvent
from ris.orders.models import Order
from ris.patients.models import PatientIdentifier
from ris.scheduling.models import Appointment
from tests.ris.fhir.conftest import Hospital, signed
from tests.ris.fhir.test_making import BASE, request_of
from tests.ris.fhir.test_own_numbers import EHR, OWN
from tests.services.fhir import faults_of
from tests.world import World

pytestmark = pytest.mark.db
FORM = "application/x-www-form-urlencoded"


def searched(client: Hospital, path: str, form: dict[str, Any]) -> Any:
    body = urlencode(form, doseq=True)
    return client.program.generic("POST", f"/fhir/{path}/_search", body, content_type=FORM)


def ids(client: Hospital, path: str, query: dict[str, Any]) -> list[str]:
    return [one["id"] for one in client.found(path, query)]


@pytest.mark.parametrize("query", [{"_count": "0"}, {"_summary": "count"}])
@pytest.mark.parametrize("kind", ["ServiceRequest", "Slot", "Endpoint"])
def test_a_number_alone_is_a_bundle_without_rows(
    world: World, radiologist: Hospital, kind: str, query: dict[str, str]
) -> None:
    world.order()
    asked = query | ({"schedule": f"Schedule/{world.room().pk}"} if kind == "Slot" else {})
    body = radiologist.get(kind, asked).json()
    assert "entry" not in body
    assert [link["relation"] for link in body["link"]] == ["self"]
    assert body["total"] == radiologist.get(kind, asked | {"_count": "200", "_summary": "false"}).json()["total"] >= 1
    assert faults_of([body]) == [[]]


@pytest.mark.parametrize(
    "query", [{"_total": "accurate"}, {"_total": "none"}, {"_elements": "id"}, {"_summary": "true"}]
)
def test_wishes_that_change_nothing_are_no_error(world: World, radiologist: Hospital, query: dict[str, str]) -> None:
    world.order()
    body = radiologist.get("ServiceRequest", query).json()
    assert (body["total"], len(body["entry"])) == (1, 1)


def at(visit: Appointment, start: datetime) -> None:
    Appointment.objects.filter(pk=visit.pk).update(start=start, end=start + timedelta(minutes=20))


def booked_in_disorder(world: World) -> list[str]:
    """Three visits; which is first in time is not which was booked first. Their ids, the earliest first."""
    visits = [world.booking() for _ in range(3)]
    moments = [datetime(2027, 3, day, 10, tzinfo=UTC) for day in (5, 4, 6)]
    for visit, start in zip(visits, moments, strict=True):
        at(visit, start)
    return [str(visits[place].pk) for place in (1, 0, 2)]


@pytest.mark.parametrize("way", ["date", "-date"])
def test_pages_follow_the_order_that_is_asked_for(world: World, clerk: Hospital, way: str) -> None:
    order = booked_in_disorder(world)
    answer, seen = clerk.get("Appointment", {"_sort": way, "_count": "1"}), []
    for _ in range(3):
        body = answer.json()
        seen += [entry["resource"]["id"] for entry in body["entry"]]
        links = {link["relation"]: link["url"] for link in body["link"]}
        if "next" in links:
            answer = clerk.get(links["next"].partition("/fhir/")[2])
    assert seen == (order if way == "date" else order[::-1])
    assert "next" not in links


def test_what_has_no_moment_stands_before_what_has_one(world: World, radiologist: Hospital) -> None:
    reports = [signed(world).report for _ in range(2)]
    task = reports[0].task
    type(task).objects.filter(pk=task.pk).update(exam_at=None)
    type(task).objects.filter(pk=reports[1].task_id).update(exam_at=datetime(2027, 3, 5, tzinfo=UTC))
    first, last = (str(one.pk) for one in reports)
    assert ids(radiologist, "DiagnosticReport", {"_sort": "date"}) == [first, last]
    assert ids(radiologist, "DiagnosticReport", {"_sort": "-date"}) == [last, first]
    page = radiologist.get("DiagnosticReport", {"_sort": "-date", "_count": "1"}).json()
    following = next(link["url"] for link in page["link"] if link["relation"] == "next")
    [rest] = radiologist.get(following.partition("/fhir/")[2]).json()["entry"]
    assert rest["resource"]["id"] == first


def test_the_id_sorts_both_ways_and_a_cursor_belongs_to_its_order(world: World, clerk: Hospital) -> None:
    keys = [str(world.order().procedures.get().pk) for _ in range(3)]
    assert ids(clerk, "ServiceRequest", {"_sort": "_id"}) == keys
    assert ids(clerk, "ServiceRequest", {"_sort": "-_id"}) == keys[::-1]
    for query in ({"_cursor": "5.5"}, {"_sort": "authored", "_cursor": "5"}, {"_cursor": "9" * 19}):
        assert clerk.get("ServiceRequest", query).status_code == 400, query
    room = {"schedule": f"Schedule/{world.room().pk}"}
    assert clerk.get("Slot", room | {"_cursor": "1.2"}).status_code == 400
    assert clerk.get("Slot", room | {"_sort": "start"}).status_code == 200
    assert clerk.get("Slot", room | {"status:not": "busy"}).status_code == 400, "what is computed knows none"


def test_modifiers_narrow_as_fhir_has_them(world: World, clerk: Hospital) -> None:
    anna = str(world.patient("Olsen", "Anna").pk)
    world.patient("Olsenius", "Hannah")
    for query, found in [
        ({"family:exact": "Olsen"}, [anna]),
        ({"family:exact": "olsen"}, []),
        ({"given:contains": "nnah"}, 1),
        ({"name:contains": "lsen"}, 2),
        ({"gender:not": "female,male"}, 0),
    ]:
        told = ids(clerk, "Patient", query)
        assert told == found if isinstance(found, list) else len(told) == found, query
    order = world.order()
    key = str(order.procedures.get().pk)
    assert ids(clerk, "ServiceRequest", {"subject:Patient": str(order.patient_id)}) == [key]
    assert ids(clerk, "ServiceRequest", {"status:not": "revoked"}) == [key]
    assert ids(clerk, "ServiceRequest", {"status:not": "active"}) == []
    for name in ("subject:Group", "family:below", "occurrence:missing", "identifier:of-type"):
        kind = "Patient" if "family" in name else "ServiceRequest"
        assert clerk.get(kind, {name: "1"}).status_code == 400, name


def test_what_has_no_date_is_found_as_such(world: World, radiologist: Hospital) -> None:
    report = signed(world).report
    key = str(report.pk)
    assert (ids(radiologist, "DiagnosticReport", {"date:missing": "false"}) == []) != (report.task.exam_at is not None)
    type(report.task).objects.filter(pk=report.task_id).update(exam_at=None)
    assert ids(radiologist, "DiagnosticReport", {"date:missing": "true"}) == [key]
    assert radiologist.get("DiagnosticReport", {"date:missing": "perhaps"}).status_code == 400


def test_all_of_a_system_are_found_by_it_alone(world: World, clerk: Hospital, radiologist: Hospital) -> None:
    clerk.post("ServiceRequest", request_of(world, identifier=[OWN]))
    made = Order.objects.get()
    key, number = str(made.procedures.get().pk), made.procedures.get()
    world.order()
    issued = f"{BASE}/accession/{number.accession_issuer}|"
    assert ids(clerk, "ServiceRequest", {"identifier": f"{EHR}|"}) == [key]
    assert len(clerk.found("ServiceRequest", {"identifier": issued})) == 2
    assert len(clerk.found("ServiceRequest", {"identifier": f"{BASE}/filler|"})) == 2
    assert clerk.found("ServiceRequest", {"identifier": "http://nobody.example|"}) == []
    issuer = PatientIdentifier.objects.filter(patient=made.patient).values_list("issuer", flat=True)[0]
    assert str(made.patient_id) in ids(clerk, "Patient", {"identifier": f"{BASE}/patient/{issuer}|"})
    assert clerk.found("Patient", {"identifier": f"{BASE}/patient/NOBODY|"}) == []
    assert clerk.get("Observation", {"identifier": "urn:dicom:uid|"}).status_code == 403
    assert radiologist.get("Observation", {"identifier": "urn:dicom:uid|"}).status_code == 400
    assert clerk.get("Patient", {"identifier": "|"}).status_code == 400


def test_a_report_is_found_through_its_request(world: World, radiologist: Hospital) -> None:
    report = signed(world).report
    requested = report.task.requested_procedures.get()
    mine = {"based-on.identifier": requested.accession_number}
    assert ids(radiologist, "DiagnosticReport", mine) == [str(report.pk)]
    assert radiologist.found("DiagnosticReport", {"based-on.identifier": "X"}) == []
    row = AuditEvent.objects.filter(action="fhir.searched").order_by("pk")[0]
    assert row.patient_id == requested.order.patient_id, "searching through a number is looking at whose it is"
    for name in ("based-on.nonsense", "result.code", "based-on.patient.identifier"):
        assert radiologist.get("DiagnosticReport", {name: "1"}).status_code == 400, name


def test_a_search_by_form_is_the_same_search_and_is_recorded_the_same(world: World, clerk: Hospital) -> None:
    order = world.order()
    form = {"patient": f"Patient/{order.patient_id}", "status": ["active"]}
    told = searched(clerk, "ServiceRequest", form)
    assert (told.status_code, told.json()) == (200, clerk.get("ServiceRequest", form).json())
    assert AuditEvent.objects.filter(action="fhir.searched", patient_id=order.patient_id).count() == 2
    assert searched(clerk, "ServiceRequest", {"nonsense": "1"}).status_code == 400
    assert clerk.post("ServiceRequest/_search", {}).status_code == 415
    reader = Hospital(world.clerk, read_only=True)
    assert searched(reader, "ServiceRequest", form).status_code == 200, "it reads only"
    assert reader.post("ServiceRequest", request_of(world)).status_code == 403


def test_whoever_asks_leniently_is_answered_without_what_is_not_known(world: World, clerk: Hospital) -> None:
    world.order()
    query = {"status": "active", "nonsense": "1"}
    assert clerk.get("ServiceRequest", query).status_code == 400
    body = clerk.get("ServiceRequest", query, Prefer="return=minimal; handling=lenient").json()
    assert body["total"] == 1
    assert [link["url"].partition("?")[2] for link in body["link"]] == ["status=active"]
    wrong = clerk.get("ServiceRequest", {"status": "nonsense"}, Prefer="handling=lenient")
    assert wrong.status_code == 400, "a value that cannot be read is still one"


def test_a_conditional_create_meets_what_is_there_whatever_page_it_asks_for(world: World, clerk: Hospital) -> None:
    asked = request_of(world, identifier=[])
    condition = {"if-none-exist": f"patient={asked['subject']['reference']}&_count=0"}
    assert [clerk.post("ServiceRequest", asked, **condition).status_code for _ in range(2)] == [201, 200]


def test_a_day_is_the_day_of_the_sites_clock(world: World, clerk: Hospital) -> None:
    """18:00 in Los Angeles is the next day in UTC, where the day list would miss it."""
    Site.objects.filter(pk=world.north.pk).update(time_zone="America/Los_Angeles")
    at(world.booking(), datetime(2027, 3, 6, 2, tzinfo=UTC))
    assert len(clerk.found("Appointment", {"date": "2027-03-05"})) == 1
    assert clerk.found("Appointment", {"date": "2027-03-06"}) == []
    assert len(clerk.found("Appointment", {"date": "2027-03-05T18:00"})) == 1
    assert len(clerk.found("Appointment", {"date": "2027-03-06T02:00:00Z"})) == 1


def test_the_clock_of_the_installation_counts_where_sites_have_several(world: World, admin: Hospital) -> None:
    Site.objects.filter(pk=world.north.pk).update(time_zone="America/Los_Angeles")
    Site.objects.filter(pk=world.south.pk).update(time_zone="Europe/Berlin")
    row = AuditEvent.objects.create(
        at=datetime(2027, 3, 6, 2, tzinfo=UTC), action="order.placed", event_code="110100", outcome="success",
        actor_kind="user", actor_id="1", target_kind="orders.order", target_id="1", site_id=world.north.pk,
    )  # fmt: skip
    assert str(row.pk) in ids(admin, "AuditEvent", {"date": "2027-03-06", "subtype": "order.placed"})
