"""Images that turn out to be another patient's: nothing that was said of them is told of this one any more."""

from __future__ import annotations

from typing import Any

import pytest

from reporting.models import Report
from tests import exam
from tests.ris.fhir.conftest import Hospital
from tests.services.fhir import faults_of
from tests.world import World
from worklist.actions import decisions
from worklist.actions.wrong_patient import wrong_patient
from worklist.models import Study

pytestmark = pytest.mark.db
WHY = "The wristband was read wrongly"
STATUSES = ("final", "preliminary", "entered-in-error", "unknown", "amended")
WARNED = "Images were moved away after this report was signed."


@pytest.fixture
def report(world: World) -> Report:
    """Signed, with a measured number that it quotes."""
    task = exam.case(world)
    exam.stored(task, 14.2)
    return exam.sign(exam.draft(world, task=task), world.radiologist).report


def told(hospital: Hospital, report: Report) -> tuple[dict[str, Any], dict[str, Any]]:
    """The report and its measurement; both are valid R4."""
    found = hospital.get(f"DiagnosticReport/{report.pk}").json()
    [measured] = hospital.found("Observation", {"patient": f"Patient/{report.task.patient_id}"})
    assert faults_of([found, measured]) == [[], []]
    met = [code for code in STATUSES if hospital.found("Observation", {"status": code, "_id": measured["id"]})]
    assert met == [measured["status"]], "a search by status compares what is told"
    return found, measured


def test_a_report_and_its_numbers_let_go_of_images_that_are_another_patients(
    world: World, radiologist: Hospital, report: Report
) -> None:
    study = Study.objects.get()
    before, measured = told(radiologist, report)
    assert before["imagingStudy"] == measured["derivedFrom"] == [{"reference": f"ImagingStudy/{study.pk}"}]
    hers = world.requested(world.order(world.patient("Yılmaz", "Elif")))

    decision = decisions.link(study, hers, reason=WHY, by=world.technologist, moves=True)

    after, measured = told(radiologist, report)
    assert "imagingStudy" not in after
    assert "result" not in after
    assert WARNED in after["text"]["div"]
    assert (measured["status"], "derivedFrom" in measured) == ("entered-in-error", False)
    images = radiologist.get(f"ImagingStudy/{study.pk}").json()
    assert images["subject"] == {"reference": f"Patient/{hers.order.patient_id}"}
    assert radiologist.found("Observation", {"derived-from": f"ImagingStudy/{study.pk}"}) == []
    [request] = radiologist.found("ServiceRequest", {"patient": f"Patient/{report.task.patient_id}"})
    assert f"urn:oid:{study.study_instance_uid}" not in {one["value"] for one in request["identifier"]}

    decisions.undo(decision, reason="It was right", by=world.technologist)
    assert told(radiologist, report)[1]["status"] == "final"


def test_a_number_on_images_that_nobody_has_is_of_unknown_worth(
    world: World, radiologist: Hospital, report: Report
) -> None:
    decision = decisions.unlink(Study.objects.get(), reason=WHY, by=world.technologist)
    assert told(radiologist, report)[1]["status"] == "unknown"
    decisions.undo(decision, reason="It was right", by=world.technologist)
    wrong_patient(report.task.requested_procedures.get().steps.get(), reason=WHY, by=world.technologist)
    found, measured = told(radiologist, report)
    assert ("imagingStudy" in found, measured["status"]) == (False, "unknown")
    assert radiologist.found("ImagingStudy") == []
