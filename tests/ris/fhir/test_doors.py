"""Who comes in, what is answered to whom, and that every look is recorded."""

from __future__ import annotations

import pytest
from django.test import Client
from rest_framework.test import APIClient

from ris.audit.models import AuditEvent
from ris.fhir.stations import STATIONS
from tests.ris.fhir.conftest import Hospital, signed
from tests.world import World

pytestmark = pytest.mark.db
JSON = "application/fhir+json"


def test_metadata_is_open_and_claims_what_the_table_has() -> None:
    body = APIClient().get("/fhir/metadata").json()
    [rest] = body["rest"]
    claimed = {row["type"]: {one["name"] for one in row.get("searchParam", [])} for row in rest["resource"]}
    assert claimed == {k: {one.name for one in v.parameters} for k, v in STATIONS.items()} | {"Binary": set()}
    creating = {row["type"] for row in rest["resource"] if {"code": "create"} in row["interaction"]}
    assert creating == {"ServiceRequest", "Appointment"}
    assert "vread" not in str(body)


@pytest.mark.parametrize("kind", STATIONS)
def test_nobody_in_particular_is_not_let_in(world: World, kind: str) -> None:
    for address in (f"/fhir/{kind}", f"/fhir/{kind}/1"):
        answer = APIClient().get(address)
        assert (answer.status_code, answer["WWW-Authenticate"]) == (401, "Token")
        assert answer.json()["issue"][0]["code"] == "login"


def test_every_error_is_an_operation_outcome(world: World, clerk: Hospital, outsider: Hospital) -> None:
    order = world.order()
    request = order.procedures.get()
    said = {
        404: [clerk.get("Patient/4711"), clerk.get("Nothing"), clerk.get("Patient/x"), clerk.get("Endpoint/x"),
              outsider.get(f"ServiceRequest/{request.pk}"), outsider.get(f"Patient/{order.patient_id}"),
              clerk.get("Slot/1-2-3"), clerk.get("Patient/" + "9" * 40)],
        403: [clerk.get("DiagnosticReport"), clerk.get("Observation/1"), clerk.get("AuditEvent"),
              Hospital(world.clerk, read_only=True).post("ServiceRequest", {})],
        400: [clerk.get("Patient", {"nonsense": "1"}), clerk.post("ServiceRequest", {"resourceType": "Patient"}),
              clerk.program.generic("POST", "/fhir/ServiceRequest", "{", content_type=JSON)],
        406: [clerk.get("Patient", accept="application/fhir+xml"), clerk.get("Patient", {"_format": "xml"})],
        415: [clerk.program.generic("POST", "/fhir/ServiceRequest", "<x/>", content_type="application/fhir+xml")],
        405: [clerk.program.delete("/fhir/Patient/1"), clerk.program.post("/fhir/Patient")],
    }  # fmt: skip
    for status, found in said.items():
        for answer in found:
            assert answer.status_code == status, answer.content
            assert answer["Content-Type"] == JSON
            assert answer.json()["resourceType"] == "OperationOutcome"
            assert answer["Cache-Control"] == "private, no-store" or status == 404


def test_json_goes_by_all_its_names(clerk: Hospital) -> None:
    for accept in (JSON, "application/json", "*/*", "text/html, */*"):
        assert clerk.get("Patient", accept=accept).status_code == 200
    assert clerk.get("Patient", {"_format": "json"}, accept="text/html")["Content-Type"] == JSON


def test_a_session_reads_and_writes_only_with_its_csrf_value(world: World) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(world.clerk, "allauth.account.auth_backends.AuthenticationBackend")
    assert browser.get("/fhir/Patient").status_code == 200
    answer = browser.post("/fhir/ServiceRequest", "{}", content_type=JSON)
    assert (answer.status_code, answer.json()["resourceType"]) == (403, "OperationOutcome")


def test_looking_at_a_patient_is_recorded(world: World, radiologist: Hospital) -> None:
    version = signed(world, 3.0)
    requested = version.report.task.requested_procedures.get()
    patient = requested.order.patient_id
    AuditEvent.objects.all().count()
    before = AuditEvent.objects.order_by("-pk").values_list("pk", flat=True)[0]
    radiologist.get(f"Patient/{patient}")
    radiologist.get(f"ServiceRequest/{requested.pk}")
    radiologist.get(f"DiagnosticReport/{version.report_id}")
    radiologist.found("Observation", {"patient": patient})
    seen = AuditEvent.objects.filter(pk__gt=before).order_by("pk").values_list("action", "patient_id")
    looks = ["patient.opened", "order.opened", "report.viewed", "fhir.searched"]
    assert list(seen) == [(action, patient) for action in looks]


def test_searching_by_a_number_or_for_several_is_looking_at_each(world: World, radiologist: Hospital) -> None:
    people = [world.order(world.patient(name)).patient for name in ("One", "Two")]
    radiologist.found("ServiceRequest", {"patient": ",".join(str(one.pk) for one in people)})
    radiologist.found("ServiceRequest", {"patient.identifier": people[0].identifiers.get().value})
    radiologist.found("Patient", {"_id": people[1].pk, "_revinclude": "ServiceRequest:patient"})
    seen = AuditEvent.objects.filter(action="fhir.searched").order_by("pk").values_list("patient_id", flat=True)
    assert list(seen) == [people[0].pk, people[1].pk, people[0].pk, people[1].pk]


def test_finding_one_patients_data_by_any_means_is_recorded(world: World, clerk: Hospital) -> None:
    orders = [world.order(world.patient(name)) for name in ("One", "Two")]
    number = orders[0].procedures.get().accession_number
    assert len(clerk.found("ServiceRequest", {"identifier": number})) == 1
    assert len(clerk.found("Patient", {"_id": orders[1].patient_id})) == 1
    assert len(clerk.found("ServiceRequest")) == 2
    seen = AuditEvent.objects.filter(action="fhir.searched").order_by("pk").values_list("patient_id", flat=True)
    assert list(seen) == [orders[0].patient_id, orders[1].patient_id]


def test_what_is_known_already_is_not_sent_again(world: World, clerk: Hospital) -> None:
    person = world.patient()
    first = clerk.get(f"Patient/{person.pk}")
    again = clerk.get(f"Patient/{person.pk}", **{"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])
    person.given_name = "Renamed"
    person.save(update_fields=["given_name"])
    assert clerk.get(f"Patient/{person.pk}", **{"If-None-Match": first["ETag"]}).status_code == 200


def test_reading_the_trail_is_recorded_in_it(world: World, admin: Hospital) -> None:
    admin.found("AuditEvent")
    assert AuditEvent.objects.filter(action="audit.opened", actor_id=str(world.admin.pk)).exists()


def test_addresses_are_ours_whatever_the_request_says(world: World, clerk: Hospital) -> None:
    world.patient()
    body = clerk.program.get("/fhir/Patient", headers={"x-forwarded-host": "evil", "forwarded": "host=evil"}).json()
    assert "evil" not in str(body)
    assert body["link"][0]["url"].startswith("http://localhost:8000/fhir/")
