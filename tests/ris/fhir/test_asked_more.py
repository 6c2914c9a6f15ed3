"""Searches that looked right and answered too little, or too much."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from ris.fhir.mapping.appointment import slot_key
from ris.patients.actions import merge_patients
from ris.patients.models import Patient
from tests import exam
from tests.ris.fhir.conftest import Hospital, signed
from tests.services.fhir import faults_of
from tests.world import World
from worklist.models import Study

pytestmark = pytest.mark.db
DCM = "http://dicom.nema.org/resources/ontology/DCM"
BASE = "http://localhost:8000/fhir/sid"


@pytest.mark.parametrize(
    ("clock", "hits", "misses"),
    [
        (
            "150000",
            ["gt2027-03-05T10:00:00+01:00", "lt2027-03-05T15:00:01+01:00", "2027-03-05T15:00", "sa2027-03-05T13:59:00Z",
             "ge2027-03-05T14:00:00Z", "le2027-03-05", "2027-03-05", "ne2027-03-05T15:01"],
            ["gt2027-03-05T15:00:00+01:00", "lt2027-03-05T15:00:00+01:00", "ge2027-03-05T15:00:01+01:00",
             "2027-03-05T16:00", "ne2027-03-05", "eb2027-03-05"],
        ),
        ("15", ["2027-03-05T15:00:00"], ["2027-03-05T01:05:00"]),
        ("", ["2027-03-05", "gt2027-03-05T10:00:00+01:00", "lt2027-03-05T10:00:00+01:00"],
         ["2027-03-05T10:00", "2027-03-06"]),
    ],
    ids=["with its time", "the hour alone", "without a time"],
)  # fmt: skip
def test_a_study_is_found_by_the_time_at_which_it_began(
    world: World, radiologist: Hospital, clock: str, hits: list[str], misses: list[str]
) -> None:
    exam.noted(world.requested())
    Study.objects.update(study_date="20270305", study_time=clock)
    wrong = [one for one in hits if len(radiologist.found("ImagingStudy", {"started": one})) != 1]
    assert wrong + [one for one in misses if radiologist.found("ImagingStudy", {"started": one})] == []


def test_a_code_of_another_system_finds_nothing(world: World, radiologist: Hospital, admin: Hospital) -> None:
    signed(world)
    code = admin.found("AuditEvent")[0]
    kind, act = code["type"]["code"], code["subtype"][0]["code"]
    for name, value, system in (("type", kind, DCM), ("subtype", act, f"{BASE}/audit-action")):
        assert admin.found("AuditEvent", {name: value})
        assert admin.found("AuditEvent", {name: f"{system}|{value}"})
        assert admin.found("AuditEvent", {name: f"http://any.system|{value}"}) == []
    assert radiologist.found("DiagnosticReport", {"code": "http://any.system|CTCHEST"}) == []


def test_an_answer_that_leaves_out_what_goes_along_says_so(
    world: World, radiologist: Hospital, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ris.fhir.search.including.MOST_INCLUDED", 2)
    for _ in range(3):
        world.order()
    whole = radiologist.get("ServiceRequest", {"_include": "ServiceRequest:patient", "_count": "2"}).json()
    assert {entry["search"]["mode"] for entry in whole["entry"]} == {"match", "include"}
    cut = radiologist.get("ServiceRequest", {"_include": "ServiceRequest:patient"}).json()
    last = cut["entry"][-1]
    assert [entry["search"]["mode"] for entry in cut["entry"]] == ["match"] * 3 + ["include"] * 2 + ["outcome"]
    [issue] = last["resource"]["issue"]
    assert (last["resource"]["resourceType"], issue["severity"]) == ("OperationOutcome", "warning")
    assert cut["total"] == 3
    assert "1000 resources" in radiologist.get("metadata").json()["rest"][0]["documentation"]
    assert faults_of([cut]) == [[]]
    patient = Patient.objects.order_by("pk")[0]
    world.order(patient)
    world.order(patient)
    back = radiologist.get("Patient", {"_id": patient.pk, "_revinclude": "ServiceRequest:patient"}).json()
    assert back["entry"][-1]["search"]["mode"] == "outcome"


def test_people_are_sorted_by_name_over_pages_whose_addresses_name_nobody(world: World, clerk: Hospital) -> None:
    for family, given in (("Berg", "Ina"), ("Adam", "Zoe"), ("Berg", "Anna"), ("Berg", "Anna"), ("Cohn", "Eva")):
        world.patient(family, given)
    for sort, way in (("family", 1), ("-name", -1)):
        answer, seen = clerk.get("Patient", {"_sort": sort, "_count": "2"}).json(), []
        while True:
            seen += [(one["resource"]["name"][0], one["resource"]["id"]) for one in answer["entry"]]
            more = [link["url"] for link in answer["link"] if link["relation"] == "next"]
            if not more:
                break
            assert "Berg" not in more[0]
            answer = clerk.get(more[0].partition("/fhir/")[2]).json()
        keys = [(name["family"], name["given"][0], int(key)) for name, key in seen]
        assert len(keys) == Patient.objects.count() >= 5
        assert keys[::way] == sorted(keys)


def test_a_phone_number_of_a_confidential_file_finds_nobody(world: World, clerk: Hospital) -> None:
    patient = world.patient()
    Patient.objects.filter(pk=patient.pk).update(phone="+4930123456")
    assert len(clerk.found("Patient", {"phone": "+4930123456"})) == 1
    Patient.objects.filter(pk=patient.pk).update(confidential=True)
    assert clerk.found("Patient", {"phone": "+4930123456"}) == []


def test_a_record_that_was_merged_is_found_as_one_that_is_in_use_no_more(world: World, clerk: Hospital) -> None:
    lost, kept = world.patient("Before"), world.patient("After")
    merge_patients(lost, into=kept, reason="Same passport", by=world.clerk)

    def found(query: dict[str, Any]) -> set[str]:
        return {one["id"] for one in clerk.found("Patient", query)}

    [told] = clerk.found("Patient", {"active": "false"})
    assert (told["id"], told["active"]) == (str(lost.pk), False)
    assert str(lost.pk) not in found({"active": "true"}) | found({})
    assert {str(lost.pk), str(kept.pk)} <= found({"active": "true,false"})


def test_an_appointment_names_its_slot_which_comes_along(world: World, clerk: Hospital) -> None:
    visit = world.booking()
    other = world.booking()
    key = slot_key(visit.resource_id, visit.start, visit.end)
    body = clerk.get("Appointment", {"slot": f"Slot/{key}", "_include": "Appointment:slot"}).json()
    first, second = (entry["resource"] for entry in body["entry"])
    assert (first["id"], first["slot"]) == (str(visit.pk), [{"reference": f"Slot/{key}"}])
    assert second == clerk.get(f"Slot/{key}").json()
    assert second["status"] == "busy"
    wide = slot_key(visit.resource_id, visit.start, max(visit.end, other.end) + timedelta(minutes=1))
    assert len(clerk.found("Appointment", {"slot": wide})) == 2
    assert faults_of([body]) == [[]]
