"""/api/v1/patients/."""

from __future__ import annotations

import pytest
from rest_framework.test import APIClient

from ris.audit.models import AuditEvent
from ris.patients.models import Patient
from tests.world import World

pytestmark = pytest.mark.db
PATIENTS = "/api/v1/patients/"


def test_a_clerk_registers_a_person_and_the_site_gives_the_number(clerk: APIClient) -> None:
    body = {"family_name": "Sørensen", "given_name": "Ida", "birth_date": "1970-02-28", "sex": "F", "site": "north"}
    answer = clerk.post(PATIENTS, body, format="json")
    assert answer.status_code == 201, answer.json()
    patient = Patient.objects.get(pk=answer.json()["id"])
    assert patient.person_name == "Sørensen^Ida"
    assert answer.json()["sites"] == ["north"]
    assert answer.json()["identifiers"] == [{"issuer": "NORTHGATE", "value": f"NORTH{patient.pk:07d}"}]
    assert AuditEvent.objects.filter(action="patient.registered", target_id=str(patient.pk)).count() == 1


def test_a_number_that_is_taken_is_told_beside_its_field(world: World, clerk: APIClient) -> None:
    taken = world.patient().identifiers.get().value
    answer = clerk.post(
        PATIENTS, {"family_name": "Other", "given_name": "Olga", "site": "north", "number": taken}, format="json"
    )
    assert answer.status_code == 422
    assert answer.json()["error"] == "invalid"
    assert taken in answer.json()["fields"]["number"]
    assert not Patient.objects.filter(family_name="Other").exists()


def test_a_family_name_alone_is_asked_about_first(clerk: APIClient) -> None:
    body = {"family_name": "Alone", "site": "north"}
    answer = clerk.post(PATIENTS, body, format="json")
    assert (answer.status_code, list(answer.json()["fields"])) == (422, ["given_name"])
    assert clerk.post(PATIENTS, body | {"sparse": True}, format="json").status_code == 201


def test_who_resembles_is_named_before_anybody_is_registered(world: World, clerk: APIClient) -> None:
    known = world.patient("Møller", "Åse")
    body = {"family_name": "Moller", "given_name": "Ase", "birth_date": "1961-05-17", "site": "north"}
    answer = clerk.post(PATIENTS, body, format="json")
    assert answer.status_code == 422
    assert f"Look at {known.pk}." in answer.json()["fields"]["unlike"]
    assert Patient.objects.count() == 1
    answer = clerk.post(PATIENTS, body | {"unlike": [known.pk, 4711]}, format="json")
    assert answer.status_code == 201
    assert AuditEvent.objects.get(action="patient.registered", target_id=str(answer.json()["id"])).detail["unlike"] == [
        known.pk
    ]


def test_search_finds_by_a_part_of_a_name_without_its_accents(world: World, clerk: APIClient) -> None:
    wanted = world.patient("Møller", "Åse")
    world.patient("Jones", "Tom")
    answer = clerk.get(PATIENTS, {"q": "ase mol"}).json()
    assert answer["count"] == 1
    assert answer["results"][0]["id"] == wanted.pk
    assert answer["results"][0]["display_name"] == "Møller, Åse"


def test_opening_a_patient_is_recorded(world: World, clerk: APIClient) -> None:
    patient = world.patient()
    assert clerk.get(f"{PATIENTS}{patient.pk}/").json()["family_name"] == "Møller"
    opened = AuditEvent.objects.get(action="patient.opened")
    assert (opened.patient_id, opened.actor_id) == (patient.pk, str(world.clerk.pk))


def test_a_change_touches_only_what_is_sent(world: World, clerk: APIClient) -> None:
    patient = world.patient()
    answer = clerk.patch(f"{PATIENTS}{patient.pk}/", {"phone": "0151 1234"}, format="json")
    assert answer.status_code == 200
    patient.refresh_from_db()
    assert (patient.phone, patient.family_name, patient.sex) == ("0151 1234", "Møller", "F")
    assert AuditEvent.objects.get(action="patient.updated").detail == {"changed": ["phone"]}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("id", 4711),
        ("merged_into", 1),
        ("identifiers", []),
        ("created_at", "2020-01-01T00:00:00Z"),
        ("sites", ["south"]),
    ],
)
def test_what_is_read_only_is_refused_and_not_swallowed(
    world: World, clerk: APIClient, field: str, value: object
) -> None:
    patient = world.patient()
    answer = clerk.patch(f"{PATIENTS}{patient.pk}/", {field: value, "phone": "1"}, format="json")
    assert answer.status_code == 400
    assert answer.json()["fields"] == {field: "This cannot be written here."}
    patient.refresh_from_db()
    assert patient.phone == ""


def test_an_outsider_finds_no_such_patient(world: World, outsider: APIClient) -> None:
    patient = world.patient()
    for answer in (
        outsider.get(f"{PATIENTS}{patient.pk}/"),
        outsider.patch(f"{PATIENTS}{patient.pk}/", {"phone": "1"}, format="json"),
    ):
        assert answer.status_code == 404
        assert answer.json()["error"] == "not-found"
    assert outsider.get(PATIENTS).json()["count"] == 0


def test_who_may_look_but_not_change_is_refused_and_recorded(world: World, radiologist: APIClient) -> None:
    patient = world.patient()
    assert radiologist.get(f"{PATIENTS}{patient.pk}/").status_code == 200
    answer = radiologist.patch(f"{PATIENTS}{patient.pk}/", {"phone": "1"}, format="json")
    assert answer.status_code == 403
    assert answer.json()["error"] == "not-permitted"
    refused = AuditEvent.objects.get(action="security.refused")
    assert (refused.actor_id, refused.detail["view"]) == (str(world.radiologist.pk), "api:patient-detail")


def test_nobody_registers_at_a_site_that_is_not_theirs(clerk: APIClient) -> None:
    answer = clerk.post(PATIENTS, {"family_name": "Nobody", "site": "south"}, format="json")
    assert answer.status_code == 400
    assert "not one of yours" in answer.json()["fields"]["site"]
    assert not Patient.objects.filter(family_name="Nobody").exists()


@pytest.mark.parametrize(
    ("field", "value", "status"),
    [
        ("family_name", "a^b", 422),
        ("family_name", "x" * 65, 400),
        ("family_name", "", 400),
        ("birth_date", "0001-01-01", 422),
        ("birth_date", "9999-12-31", 422),
        ("birth_date", "31.12.1990", 400),
        ("sex", "X", 400),
        ("given_name", "nul\x00", 400),
    ],
)
def test_what_cannot_be_a_person_is_refused(clerk: APIClient, field: str, value: str, status: int) -> None:
    body = {"family_name": "Nobody", "site": "north"} | {field: value}
    answer = clerk.post(PATIENTS, body, format="json")
    assert answer.status_code == status
    assert not Patient.objects.exists()


def test_a_merged_record_is_not_listed(world: World, clerk: APIClient) -> None:
    kept, other = world.patient(), world.patient("Moller", "Ase")
    Patient.objects.filter(pk=other.pk).update(merged_into=kept)
    assert [row["id"] for row in clerk.get(PATIENTS).json()["results"]] == [kept.pk]
    assert clerk.get(f"{PATIENTS}{other.pk}/").json()["merged_into"] == kept.pk
