"""Numbers measured on images that left the case: they leave the report, and never reach a signature."""

from __future__ import annotations

from typing import Any

import pytest

from reporting.actions import save_draft
from reporting.models import Report, ReportVersion
from reporting.numbers import numbers_of
from reporting.prefill import measurements_of, prefill
from reporting.render import render_pdf
from reporting.render.content import ReportContent
from ris.core.errors import ConcurrentUpdateError, InvalidInput
from ris.events import outbox
from ris.patients.models import Patient
from tests.exam import FINDINGS, case, draft, noted, sign, stored
from tests.world import World
from worklist.lifecycle import STUDY
from worklist.models import Study

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("signing_key")]


@pytest.fixture
def measured(world: World) -> Report:
    """A draft whose field was filled from the case's only study."""
    task = case(world)
    stored(task, 52.4)
    report = draft(world, task=task)
    assert [field["value"] for field in numbers_of(report)["fields"] if field["filled"]] == ["52.4"]
    return report


def unlinked(report: Report) -> Study:
    """The archive says that the images are somebody else's; other images of the patient are there."""
    requested = report.task.requested_procedures.get()
    study = noted(requested, patient_id="somebody-else")
    noted(requested, study_instance_uid=requested.study_instance_uid + ".1", archive_id="another")
    return study


def test_numbers_of_a_study_that_left_the_case_are_not_offered_any_more(measured: Report) -> None:
    unlinked(measured)
    assert measurements_of(measured) == []


def test_a_number_of_a_blocked_study_is_not_signed(world: World, measured: Report) -> None:
    study = Study.objects.get()
    requested = measured.task.requested_procedures.get()
    noted(requested, study_instance_uid=requested.study_instance_uid + ".1", archive_id="another")
    STUDY.advance(study, "block")
    with pytest.raises(InvalidInput, match="not of this case"):
        sign(measured, by=world.radiologist)
    assert ReportVersion.objects.count() == 0


def test_the_report_lets_go_of_them_by_itself(world: World, measured: Report) -> None:
    unlinked(measured)
    outbox.sweep()
    measured.refresh_from_db()
    assert list(measured.content["fields"].values()) == [None] * len(measured.content["fields"])
    # What was written over other images is read against those that are there now, and saved, before it is signed.
    again = save_draft(measured, revision=measured.revision, sections=FINDINGS, by=world.radiologist)
    assert sign(again, by=world.radiologist).content["measurements"] == []


def test_a_patient_corrected_while_the_pdf_was_made_is_not_signed(
    world: World, measured: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slow(content: ReportContent, **options: Any) -> bytes:
        Patient.objects.update(family_name="Changed")
        return render_pdf(content, **options)

    monkeypatch.setattr("reporting.actions.sign.render_pdf", slow)
    with pytest.raises(ConcurrentUpdateError, match="while you signed"):
        sign(measured, by=world.radiologist)
    assert ReportVersion.objects.count() == 0


def test_a_text_whose_section_left_the_template_is_still_signed(world: World, measured: Report) -> None:
    template = measured.template
    template.sections = [item for item in template.sections if item["key"] != "findings"]
    template.save()
    version = sign(measured, by=world.radiologist)
    texts = [item["text"] for item in version.content["sections"]]
    assert "A nodule in the right upper lobe." in texts


def test_prefilling_twice_changes_nothing(measured: Report) -> None:
    assert prefill(measured) == []
