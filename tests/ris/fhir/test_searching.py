"""Searching: every parameter of the table, wrong values, pages, what goes along, and what it costs."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from reporting.models import ReportVersion
from ris.fhir.mapping.appointment import slot_key
from ris.fhir.search.parameters import Code, Moment, Parameter, Reference
from ris.fhir.stations import STATIONS
from ris.orders.models import RequestedProcedure
from ris.patients.models import Patient
from ris.scheduling.models import Appointment
from tests import exam
from tests.ris.fhir.conftest import Hospital, signed
from tests.world import World
from worklist.models import Study

pytestmark = pytest.mark.db
ROWS = [(kind, one) for kind, station in STATIONS.items() for one in station.parameters]


def wrong_values(one: Parameter) -> list[str]:
    always = ["", "x" * 201, "a\x00b"]
    if isinstance(one, Code):
        return [*always, "nonsense", "http://x|nonsense"]
    if isinstance(one, Moment):
        return [
            *always,
            "yesterday",
            "2027-13",
            "2027-02-30",
            "xx2027",
            "2027-03-05T25:00:00Z",
            "10000000",
            "0001",
            "9999-12-31",
        ]
    if isinstance(one, Reference):
        return [*always, "Practitioner/1", f"{one.targets[0]}/x", "-1", "9" * 30, "http://elsewhere/fhir/Patient/1"]
    return always


def answers(world: World, kind: str, queries: list[dict[str, Any]]) -> list[tuple[int, str, list[str]]]:
    person = Hospital(world.admin if kind == "AuditEvent" else world.radiologist)
    found = []
    for query in queries:
        answer = person.get(kind, query)
        body = answer.json()
        named = [name for issue in body.get("issue", []) for name in issue.get("expression", [])]
        found.append((answer.status_code, body["resourceType"], named))
    return found


@pytest.mark.parametrize("kind", STATIONS)
def test_a_wrong_value_is_400_and_names_its_parameter(world: World, kind: str) -> None:
    cases = [(one.name, value) for one in STATIONS[kind].parameters for value in wrong_values(one)]
    cases += [
        ("nonsense", "1"),
        ("_sort", "x"),
        ("_total", "x"),
        ("_summary", "x"),
        ("_count", "-1"),
        ("_count", "x"),
        ("_cursor", "x"),
    ]
    cases += [("_include", "Nothing:there"), ("_revinclude", "Nothing:there")]
    extra = {"schedule": "Schedule/1"} if kind == "Slot" else {}
    told = answers(world, kind, [extra | {name: value} for name, value in cases])
    wrong = [(case, one) for case, one in zip(cases, told, strict=True) if one != (400, "OperationOutcome", [case[0]])]
    assert wrong == []


Cases = dict[str, dict[str, tuple[list[str], list[str]]]]
BASE = "http://localhost:8000/fhir/sid"


def of_the_plan(requested: RequestedProcedure, visit: Appointment) -> Cases:
    """For each parameter what finds the person, the request and the visit, and what does not."""
    order, base, key = requested.order, BASE, str(requested.pk)
    person, number = order.patient, order.patient.identifiers.get()
    day = visit.start.astimezone(order.site.zone).date().isoformat()  # a day without a zone is one of the site's clock
    whose = [f"Patient/{person.pk}", str(person.pk)]
    room, minute = str(visit.resource_id), timedelta(minutes=1)
    own, longer = (slot_key(visit.resource_id, visit.start - extra, visit.end) for extra in (0 * minute, minute))
    elsewhere = slot_key(visit.resource_id + 4711, visit.start, visit.end)
    return {
        "Patient": {
            "_id": ([str(person.pk)], ["4711", "x"]),
            "identifier": ([number.value, f"{base}/patient/{number.issuer}|{number.value}"], ["|X", f"{base}|1"]),
            "name": (["møl", "Moller Ase"], ["Nobody"]),
            "family": (["Møl"], ["Åse"]),
            "given": (["Åse"], ["Møl"]),
            "birthdate": (["1961-05-17", "1961", "lt1962", "ge1961-05", "ne2000"], ["1962", "gt1961-05-17"]),
            "gender": (["female"], ["other"]),
            "phone": (["+4930123456", "phone|+491701234567"], ["30123456", "http://x|+4930123456"]),
            "active": (["true", "true,false"], ["false"]),
        },
        "ServiceRequest": {
            "_id": ([key], ["4711"]),
            "identifier": ([requested.accession_number, f"{base}/accession/{requested.accession_issuer}|"
                            f"{requested.accession_number}", f"{base}/filler|{order.filler_number}",
                            f"urn:dicom:uid|urn:oid:{requested.study_instance_uid}"], ["X", f"{base}/placer|X"]),
            "requisition": ([order.filler_number, f"{base}/filler|{order.filler_number}"],
                            ["X", f"{base}/placer|{order.filler_number}"]),
            "patient": (whose, ["4711"]),
            "subject": (whose, ["4711"]),
            "patient.identifier": ([number.value], ["X"]),
            "status": (["active,completed"], ["revoked"]),
            "priority": (["routine"], ["urgent"]),
            "intent": (["order"], []),
            "code": (["CTCHEST", f"{base}/procedure|CTCHEST"], ["USABD", "http://loinc.org|CTCHEST"]),
            "category": (["363679005", "http://snomed.info/sct|363679005"], ["108252007", "http://x|363679005"]),
            "authored": (["ge2020"], ["lt2020"]),
            "occurrence": (["ge2020", day], ["lt2020"]),
        },
        "Appointment": {
            "_id": ([str(visit.pk)], ["4711"]),
            "patient": (whose, ["4711"]),
            "actor": (whose, ["4711"]),
            "date": (["ge2020", day], ["lt2020"]),
            "status": (["fulfilled"], ["noshow"]),
            "based-on": ([f"ServiceRequest/{key}"], ["4711"]),
            "slot": ([f"Slot/{own}", longer], [elsewhere]),
        },
        "Schedule": {
            "_id": ([room], ["4711"]),
            "active": (["true"], ["false"]),
            "actor": ([room, f"{base}/room|{room}"], ["4711", "x", f"{base}/site|{room}"]),
            "actor:identifier": ([f"{base}/room|{room}"], [f"{base}/room|4711"]),
        },
    }  # fmt: skip


def of_the_exam(version: ReportVersion, requested: RequestedProcedure, measured: str) -> Cases:
    """The same of its study, its report and its measurement."""
    study, key = Study.objects.get(study_instance_uid=requested.study_instance_uid), str(requested.pk)
    number, base = study.accession_number, BASE
    issued = f"{base}/accession/{requested.accession_issuer}"
    whose = [f"Patient/{requested.order.patient_id}", str(requested.order.patient_id)]
    return {
        "ImagingStudy": {
            "_id": ([str(study.pk)], ["4711"]),
            "_lastUpdated": (["ge2020"], ["lt2020"]),
            "identifier": ([f"urn:dicom:uid|urn:oid:{study.study_instance_uid}", number, f"{issued}|{number}"],
                           ["X", f"{issued}2|{number}", f"{base}/accessions|{number}", f"{base}/accession|{number}"]),
            "patient": (whose, ["4711"]),
            "subject": (whose, ["4711"]),
            "basedon": ([key], ["4711"]),
            "status": (["available"], ["cancelled"]),
            "patient.identifier": ([requested.order.patient.identifiers.get().value], ["X"]),
            "started": (["2027-03-12", "2027", "ge2027-03-12T09:30:00Z"],
                        ["2027-03-11", "gt2027-03-12", "ne2027-03", "ge2027-03-12T10:00:00Z"]),
            "modality": (["CT", "http://dicom.nema.org/resources/ontology/DCM|CT"], ["C", "%", "NM", "http://x|CT"]),
            "endpoint": (["Endpoint/dicom-web", "dicom-web"], []),
        },
        "DiagnosticReport": {
            "_id": ([str(version.report_id)], ["4711"]),
            "_lastUpdated": (["ge2020"], ["lt2020"]),
            "patient": (whose, ["4711"]),
            "subject": (whose, ["4711"]),
            "based-on": ([key], ["4711"]),
            "status": (["final"], ["amended", "registered"]),
            "identifier": ([number, f"{issued}|{number}"], ["X", f"{issued}2|{number}", f"{base}/placer|{number}"]),
            "category": (["RAD", "LAB,http://loinc.org|LP29684-5"], ["LAB", "http://loinc.org|RAD"]),
            "code": (["http://loinc.org|18748-4", "CTCHEST", f"{base}/procedure|CTCHEST"], ["USABD", "http://any.system|CTCHEST"]),
            "issued": (["ge2020"], ["lt2020"]),
            "date": ([], ["lt2020"]),
            "result": ([f"Observation/{measured}", measured], [f"{version.report_id}-0", "4711-1"]),
        },
        "Observation": {
            "_id": ([measured], ["4711", "1-x"]),
            "identifier": (["urn:dicom:uid|urn:oid:2.25.4711"], ["2.25.1"]),
            "patient": (whose, ["4711"]),
            "subject": (whose, ["4711"]),
            "code": (["http://snomed.info/sct|410668003"], ["1"]),
            "category": (["imaging"], ["laboratory", "http://loinc.org|imaging"]),
            "status": (["final", "preliminary,final"], ["preliminary", "registered", "unknown"]),
            "date": ([], ["lt2020"]),
            "derived-from": ([f"ImagingStudy/{study.pk}"], ["4711"]),
            "based-on": ([key], ["4711"]),
        },
    }  # fmt: skip


def test_every_parameter_finds_and_leaves_out(world: World, radiologist: Hospital) -> None:
    """One row with everything; each parameter finds it by what it has, and not by what it has not."""
    version = signed(world, 14.2)
    requested = version.report.task.requested_procedures.select_related("order", "procedure").get()
    visit = requested.steps.get().appointment
    assert visit is not None
    measured = radiologist.found("Observation")[0]["id"]
    Patient.objects.filter(pk=requested.order.patient_id).update(phone="+4930123456", mobile="+491701234567")
    other = world.order(world.patient("Other", "Olga", birth_date=None, sex="M"), code="MRBRAIN", priority="STAT")
    exam.case(world, world.requested(other))
    cases = of_the_plan(requested, visit) | of_the_exam(version, requested, measured)
    wrong = []
    for kind, parameters in cases.items():
        assert {one.name for one in STATIONS[kind].parameters} == {n for n in parameters if not {".", ":"} & set(n)}
        for name, (hits, misses) in parameters.items():
            wrong += [(kind, name, value) for value in hits if len(radiologist.found(kind, {name: value})) < 1]
            wrong += [(kind, name, value) for value in misses if radiologist.found(kind, {name: value})]
    assert wrong == []


def test_each_row_counts_once_however_often_a_test_meets_it(world: World, radiologist: Hospital) -> None:
    version = signed(world)
    again = ReportVersion.objects.get(pk=version.pk)
    again.pk, again.number = None, 2
    again.save(force_insert=True)
    requested = version.report.task.requested_procedures.get()
    first = requested.steps.get()
    first.pk, first.sps_id = None, "SPS-AGAIN"
    first.save(force_insert=True)
    for kind, query in (("DiagnosticReport", {"issued": "ge2020"}), ("ServiceRequest", {"occurrence": "ge2020"})):
        body = radiologist.get(kind, query).json()
        assert (body["total"], len(body["entry"])) == (1, 1), kind


def test_a_search_of_too_many_tests_is_refused_in_words(world: World, radiologist: Hospital) -> None:
    [told] = answers(world, "Appointment", [{"based-on": [str(number) for number in range(1, 70)]}])
    assert told == (400, "OperationOutcome", ["based-on"])


def test_a_study_brings_the_address_of_its_images(world: World, radiologist: Hospital) -> None:
    exam.noted(world.requested())
    body = radiologist.get("ImagingStudy", {"_include": "ImagingStudy:endpoint"}).json()
    assert [entry["resource"]["resourceType"] for entry in body["entry"]] == ["ImagingStudy", "Endpoint"]


def test_pages_follow_each_other_and_meet_every_row_once(world: World, radiologist: Hospital) -> None:
    for _ in range(5):
        world.order()
    answer, seen = radiologist.get("ServiceRequest", {"_count": "2", "status": "active"}), []
    for _ in range(3):
        body = answer.json()
        assert body["total"] == 5
        links = {link["relation"]: link["url"] for link in body["link"]}
        assert links["self"].startswith("http://localhost:8000/fhir/ServiceRequest?_count=2&status=active")
        seen += [entry["resource"]["id"] for entry in body["entry"]]
        if "next" in links:
            answer = radiologist.get(links["next"].partition("/fhir/")[2])
    assert len(seen) == len(set(seen)) == 5
    assert seen == sorted(seen, key=int, reverse=True)
    assert "next" not in links


def test_what_refers_and_what_is_referred_to_comes_along(world: World, radiologist: Hospital, clerk: Hospital) -> None:
    version = signed(world, 14.2)
    requested = version.report.task.requested_procedures.get()
    query = {
        "_id": requested.pk,
        "_include": "ServiceRequest:patient",
        "_revinclude": ["DiagnosticReport:based-on", "ImagingStudy:basedon", "Appointment:based-on"],
    }
    body = radiologist.get("ServiceRequest", query).json()
    modes = {(entry["resource"]["resourceType"], entry["search"]["mode"]) for entry in body["entry"]}
    included = {"Patient", "DiagnosticReport", "ImagingStudy", "Appointment"}
    assert modes == {("ServiceRequest", "match")} | {(kind, "include") for kind in included}
    assert body["total"] == 1
    report = radiologist.get("DiagnosticReport", {"_include": "DiagnosticReport:result"}).json()
    assert [entry["resource"]["resourceType"] for entry in report["entry"]] == ["DiagnosticReport", "Observation"]
    unseen = clerk.get("ServiceRequest", query).json()
    kinds = {entry["resource"]["resourceType"] for entry in unseen["entry"]}
    assert "DiagnosticReport" not in kinds, "who reads no reports gets none this way either"


def test_a_page_costs_as_many_queries_for_twelve_rows_as_for_three(world: World, radiologist: Hospital) -> None:
    def cost(kind: str, query: dict[str, Any]) -> tuple[int, int]:
        with CaptureQueriesContext(connection) as asked:
            rows = radiologist.found(kind, query)
        return len(asked), len(rows)

    queries: dict[str, dict[str, Any]] = {kind: {"_count": "200"} for kind in STATIONS if kind != "AuditEvent"}
    queries["Slot"] = {"schedule": f"Schedule/{world.room().pk}"}
    queries["ServiceRequest"]["_include"] = "ServiceRequest:patient"
    queries["ServiceRequest"]["_revinclude"] = ["DiagnosticReport:based-on", "ImagingStudy:basedon"]
    for _ in range(3):
        signed(world, 3.0)
    few = {kind: cost(kind, query) for kind, query in queries.items()}
    for _ in range(9):
        signed(world, 3.0, 4.0)
    many = {kind: cost(kind, query) for kind, query in queries.items()}
    assert {kind: count for kind, (count, _) in many.items()} == {kind: count for kind, (count, _) in few.items()}
    grown = {kind for kind in queries if many[kind][1] >= few[kind][1] + 9}
    assert grown == set(STATIONS) - {"AuditEvent", "Schedule", "Endpoint"}
    assert max(count for count, _ in many.values()) <= 30


def test_a_status_that_nothing_here_ever_has_finds_nothing_and_spoils_no_search(
    world: World, radiologist: Hospital
) -> None:
    signed(world)
    assert len(radiologist.found("DiagnosticReport", {"status": "final,amended,partial"})) == 1
    assert radiologist.found("DiagnosticReport", {"status": "partial"}) == []
    assert radiologist.found("ServiceRequest", {"intent": "plan"}) == []
    assert radiologist.found("Slot", {"schedule": f"Schedule/{world.room().pk}", "status": "busy-tentative"}) == []


def test_a_number_that_does_not_say_when_it_was_measured_is_found_by_when_it_is_told(
    world: World, radiologist: Hospital
) -> None:
    signed(world, 14.2)
    [told] = radiologist.found("Observation")
    moment = told["effectiveDateTime"]
    assert len(radiologist.found("Observation", {"date": moment})) == 1
    assert radiologist.found("Observation", {"date": f"gt{moment}"}) == []
