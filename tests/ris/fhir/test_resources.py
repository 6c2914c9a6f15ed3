"""Every resource that we emit is R4: npm's `fhir` says so, with its profiles and value sets."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from reporting.actions.amend import Typed, begin_amendment, save_amendment, sign_amendment
from reporting.actions.sign import Proof
from reporting.delay.record import PublishDelay
from reporting.guards import GUARDS
from reporting.lifecycle import REPORT
from reporting.models import Artifact, Report
from ris.audit.models import AuditEvent
from ris.core.guards import lifted
from ris.fhir.stations import STATIONS
from tests import exam
from tests.ris.fhir.conftest import FHIR, Hospital, signed
from tests.services.fhir import faults_of
from tests.world import World
from worklist.actions.reading import claim
from worklist.exam.record import ReceivedSeries
from worklist.models import Study

pytestmark = pytest.mark.db


def test_the_oracle_finds_what_is_wrong() -> None:
    good: dict[str, Any] = {"resourceType": "Patient", "gender": "female"}
    bad = [good | {"gender": "lady"}, good | {"weight": 3}, {"resourceType": "DiagnosticReport", "status": "signed"}]
    assert [bool(faults) for faults in faults_of([good, *bad])] == [False, True, True, True]


def everything(world: World, hospital: Hospital) -> dict[str, list[dict[str, Any]]]:
    """All that a search of each type finds, and the same resources as a read gives them."""
    room = world.room().pk
    queries: dict[str, dict[str, Any]] = {"Slot": {"schedule": f"Schedule/{room}"}}
    found = {}
    for kind in set(STATIONS) - {"AuditEvent"}:
        rows = hospital.found(kind, queries.get(kind))
        found[kind] = rows + [hospital.get(f"{kind}/{row['id']}").json() for row in rows[:5]]
    return found


def test_all_that_is_emitted_is_valid_r4(world: World) -> None:
    version = signed(world, 14.2, 11.0)
    study = Study.objects.get()
    ReceivedSeries.objects.create(study=study, series_instance_uid="2.25.81", number=1, modality="CT", images=120)
    ReceivedSeries.objects.create(study=study, series_instance_uid="2.25.82", modality="", images=3)
    exam.draft(world)
    world.patient("Ångström", "", birth_date=None, sex="", phone="+4912345", guardian_name="Mother", confidential=True)
    seen = everything(world, Hospital(world.radiologist))
    assert all(seen.values()), [kind for kind, rows in seen.items() if not rows]
    trail = Hospital(world.admin).found("AuditEvent", {"_count": "200"})
    bundle = Hospital(world.radiologist).get("Patient").json()
    paper = Hospital(world.radiologist).get(f"Binary/{version.pk}", accept=FHIR).json()
    rows = [row for found in seen.values() for row in found] + trail + [bundle, paper]
    rows.append(Hospital(world.radiologist).get("metadata").json())
    rows.append(Hospital(world.radiologist).get("Patient/4711").json())
    told = [
        (row["resourceType"], row.get("id"), faults)
        for row, faults in zip(rows, faults_of(rows), strict=True)
        if faults
    ]
    assert told == []


def test_a_report_of_every_state_is_told_in_fhirs_words(world: World, radiologist: Hospital) -> None:
    report = signed(world).report
    said = {}
    for state in REPORT.states:
        with lifted(connection, GUARDS):
            Report.objects.filter(pk=report.pk).update(state=state)
        resource = radiologist.get(f"DiagnosticReport/{report.pk}").json()
        assert faults_of([resource]) == [[]]
        said[state] = (resource["status"], "conclusion" in resource, "presentedForm" in resource)
    assert said == {
        "draft": ("registered", True, True), "preliminary": ("preliminary", True, True),
        "final": ("final", True, True), "corrected": ("corrected", True, True), "appended": ("appended", True, True),
        "entered-in-error": ("entered-in-error", False, False),
    }  # fmt: skip


def test_while_a_final_waits_for_its_release_the_preliminary_is_told(world: World, radiologist: Hospital) -> None:
    task = exam.case(world)
    first = exam.sign(exam.draft(world, by=world.resident, task=task), world.resident, kind="preliminary")
    report = Report.objects.get(pk=first.report_id)
    claim(report.task, by=world.radiologist)
    PublishDelay.objects.create(site=world.north, minutes=5)
    held = exam.sign(report, world.radiologist, grade="minor")

    told = radiologist.get(f"DiagnosticReport/{report.pk}").json()

    assert told["status"] == "preliminary"
    assert [form["url"].rpartition("/")[2] for form in told["presentedForm"]] == [str(first.pk)]
    assert radiologist.get(f"Binary/{held.pk}").status_code == 404
    assert len(radiologist.found("DiagnosticReport", {"status": "preliminary"})) == 1
    assert radiologist.found("DiagnosticReport", {"status": "final"}) == []


def test_the_pdf_of_a_withdrawn_report_is_handed_out_no_more(world: World, radiologist: Hospital) -> None:
    version = signed(world)
    assert radiologist.get(f"Binary/{version.pk}").status_code == 200
    Report.objects.filter(pk=version.report_id).update(state="entered-in-error")
    assert radiologist.get(f"Binary/{version.pk}").status_code == 404


def test_a_superseded_pdf_says_so_beside_bytes_that_stay(world: World, radiologist: Hospital) -> None:
    version = signed(world)
    assert "meta" not in radiologist.get(f"Binary/{version.pk}", accept=FHIR).json()
    draft = begin_amendment(version.report, kind="addendum", by=world.radiologist)
    draft = save_amendment(draft, Typed(["More."], seen=1), revision=draft.revision, by=world.radiologist)
    sign_amendment(draft, revision=draft.revision, proof=Proof(timezone.now()), by=world.radiologist)
    paper = radiologist.get(f"Binary/{version.pk}", accept="application/pdf")
    assert paper.content == bytes(Artifact.objects.get(version=version, kind="pdf").body)
    assert (paper["X-Report-Standing"], "-SUPERSEDED.pdf" in paper["Content-Disposition"]) == ("superseded", True)
    resource = radiologist.get(f"Binary/{version.pk}", accept=FHIR).json()
    assert [tag["code"] for tag in resource["meta"]["tag"]] == ["superseded"]
    assert faults_of([resource]) == [[]]


def test_a_report_names_its_exam_and_presents_the_signed_pdf(world: World, referrer: Hospital) -> None:
    version = signed(world)
    body = bytes(Artifact.objects.get(version=version, kind="pdf").body)
    requested = version.report.task.requested_procedures.get()
    resource = referrer.get(f"DiagnosticReport/{version.report_id}").json()
    assert resource["subject"] == {"reference": f"Patient/{requested.order.patient_id}"}
    assert resource["basedOn"] == [{"reference": f"ServiceRequest/{requested.pk}"}]
    assert resource["conclusion"] == "Follow up in three months."
    assert "A nodule in the right upper lobe." in resource["text"]["div"]
    [form] = resource["presentedForm"]
    assert (form["contentType"], form["size"], "data" in form) == ("application/pdf", len(body), False)
    path = form["url"].partition("/fhir/")[2]
    answer = referrer.get(path, accept="application/pdf")
    assert (answer["Content-Type"], answer.content) == ("application/pdf", body)
    inline = referrer.get(f"DiagnosticReport/{version.report_id}", {"_presentedForm": "data"}).json()
    assert base64.b64decode(inline["presentedForm"][0]["data"]) == body
    assert AuditEvent.objects.filter(action="report.printed").count() == 2


def test_what_was_added_stands_above_what_it_adds_to(world: World, radiologist: Hospital) -> None:
    version = signed(world, 14.2)
    for text in ("First thought.", "Second <thought>."):
        amendment = begin_amendment(version.report, kind="addendum", by=world.radiologist)
        typed = Typed([text], seen=version.report.versions.count())
        amendment = save_amendment(amendment, typed, revision=amendment.revision, by=world.radiologist)
        sign_amendment(amendment, revision=amendment.revision, proof=Proof(timezone.now()), by=world.radiologist)

    resource = radiologist.get(f"DiagnosticReport/{version.report_id}").json()

    assert resource["status"] == "appended"
    order = ["Addendum 2, Dr. Rita Radiologist", "Second", "Addendum 1", "First thought.", "Follow up in three months."]
    for told in (resource["conclusion"], resource["text"]["div"]):
        places = [told.index(words) for words in order]
        assert places == sorted(places)
    assert "Second <thought>." in resource["conclusion"]
    assert "Largest lesion, length: 14.2 mm" in resource["text"]["div"]
    assert faults_of([resource]) == [[]]


def test_a_measurement_says_what_where_and_on_which_study(world: World, radiologist: Hospital) -> None:
    version = signed(world, 14.2)
    [resource] = radiologist.found("Observation")
    assert resource["valueQuantity"] == {
        "value": 14.2, "unit": "mm", "system": "http://unitsofmeasure.org", "code": "mm",
    }  # fmt: skip
    assert resource["code"]["coding"][0] | {"display": ""} == {
        "system": "http://snomed.info/sct", "code": "410668003", "display": "",
    }  # fmt: skip
    assert resource["identifier"] == [{"system": "urn:dicom:uid", "value": "urn:oid:2.25.4711"}]
    assert resource["derivedFrom"] == [{"reference": f"ImagingStudy/{Study.objects.get().pk}"}]
    assert (resource["status"], resource["bodySite"]["text"]) == ("final", "Lung")
    assert radiologist.get(f"Observation/{resource['id']}").json() == resource
    assert version.study_instance_uid == Study.objects.get().study_instance_uid


def test_a_study_is_told_with_its_series_and_its_order(world: World, radiologist: Hospital) -> None:
    requested = world.requested()
    study = exam.noted(requested)
    ReceivedSeries.objects.create(study=study, series_instance_uid="2.25.81", number=2, modality="CT", images=120)
    resource = radiologist.get(f"ImagingStudy/{study.pk}").json()
    assert resource["identifier"][0] == {"system": "urn:dicom:uid", "value": f"urn:oid:{study.study_instance_uid}"}
    assert resource["identifier"][1]["value"] == requested.accession_number
    assert (resource["status"], resource["numberOfInstances"]) == ("available", 120)
    assert resource["series"][0]["uid"] == "2.25.81"
    assert resource["started"] == "2027-03-12T10:30:00+01:00"
    assert resource["basedOn"] == [{"reference": f"ServiceRequest/{requested.pk}"}]


def test_a_merged_person_is_told_as_who_they_became(world: World, radiologist: Hospital) -> None:
    from ris.patients.actions import merge_patients

    old, new = world.patient("Alias"), world.patient("Twin")
    order = world.order(old)
    number = old.identifiers.get()
    merge_patients(old, into=new, reason="Same passport", by=world.clerk)
    assert radiologist.get(f"Patient/{old.pk}").json()["link"][0]["other"] == {"reference": f"Patient/{new.pk}"}
    [found] = radiologist.found("Patient", {"identifier": number.value})
    assert found["id"] == str(new.pk)
    for key in (old.pk, new.pk):
        [request] = radiologist.found("ServiceRequest", {"patient": f"Patient/{key}"})
        assert request["subject"] == {"reference": f"Patient/{new.pk}"}
    assert request["id"] == str(order.procedures.get().pk)


def test_a_confidential_file_opens_with_a_reason_only(world: World, radiologist: Hospital) -> None:
    person = world.patient("Secret", phone="+49123", confidential=True)
    [listed] = radiologist.found("Patient", {"family": "Secret"})
    assert "telecom" not in listed
    assert listed["meta"]["security"][0]["code"] == "R"
    closed = radiologist.get(f"Patient/{person.pk}")
    assert (closed.status_code, closed.json()["resourceType"]) == (422, "OperationOutcome")
    opened = radiologist.get(f"Patient/{person.pk}", {"reason": "Emergency"}).json()
    assert opened["telecom"] == [{"system": "phone", "value": "+49123"}]
    assert AuditEvent.objects.get(action="patient.opened", target_id=str(person.pk)).detail["reason"] == "Emergency"


def test_slots_are_what_is_open_and_not_booked(world: World, clerk: Hospital) -> None:
    taken = world.booking()
    room = taken.resource_id
    slots = clerk.found("Slot", {"schedule": f"Schedule/{room}"})
    busy = [one for one in slots if one["status"] == "busy"]
    assert [one["start"] for one in busy] == [taken.start.isoformat(timespec="seconds")]
    free = [one for one in slots if one["status"] == "free"]
    assert free
    assert all(one["end"] <= busy[0]["start"] or one["start"] >= busy[0]["end"] for one in free)
    assert clerk.get(f"Slot/{free[0]['id']}").json()["status"] == "free"
    assert clerk.get(f"Slot/{busy[0]['id']}").json()["status"] == "busy"
    assert timezone.now().isoformat(timespec="seconds")[:4] in free[0]["start"]
