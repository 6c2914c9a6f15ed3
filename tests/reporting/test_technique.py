"""The technique section says what the exam's record says, until its writer touches it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from reporting.actions import open_report, save_draft
from reporting.actions.objects import refill_case
from reporting.models import Report
from reporting.numbers import numbers_of
from reporting.subscribers import follow_exam, follow_study
from ris.core.actors import SystemActor
from ris.core.errors import NotPermitted
from ris.events.models import Event
from ris.scheduling.actions import start_step
from ris.scheduling.models import ScheduledProcedureStep
from tests.exam import case, noted, sign
from tests.world import World
from worklist.actions.exam import discontinue_exam
from worklist.actions.reading import claim
from worklist.actions.record import Contrast, Dose, Repeated, give_contrast, note_dose, note_repeat, strike
from worklist.exam.record import ContrastAgent, ReceivedSeries, RejectReason
from worklist.models import PerformedDose, PerformedProcedureStep, ReadingTask

pytestmark = pytest.mark.db
BASE = "Helical CT of the chest."


@pytest.fixture
def task(world: World) -> ReadingTask:
    return claim(case(world), by=world.radiologist)


@pytest.fixture
def step(task: ReadingTask) -> ScheduledProcedureStep:
    return ScheduledProcedureStep.objects.get(requested_procedure__reading_tasks=task)


def technique(report: Report) -> str:
    return str(Report.objects.get(pk=report.pk).content["sections"]["technique"])


def contrast(world: World, step: ScheduledProcedureStep, **changes: Any) -> Any:
    agent = ContrastAgent.objects.get(name="Iohexol 350 mg I/mL")
    given: dict[str, Any] = {"agent": agent, "volume_ml": Decimal("80.0")} | changes
    return give_contrast(step, Contrast(**given), by=world.technologist)


def followed(kind: str = "exam.recorded") -> None:
    event = Event.objects.filter(kind=kind).latest("pk")
    (follow_study if kind == "exam.series-changed" else follow_exam)(event)


def opened(world: World, task: ReadingTask) -> Report:
    return open_report(task, by=world.radiologist)


def test_a_report_begins_with_what_was_recorded(world: World, task: ReadingTask, step: ScheduledProcedureStep) -> None:
    contrast(world, step, reaction="mild", reaction_text="hives on the arms")
    note_dose(step, Dose(quantity="dlp", value=Decimal("312.500")), by=world.technologist)
    for name in ("Patient moved", "Over-exposed"):
        note_repeat(step, Repeated(reason=RejectReason.objects.get(name=name)), by=world.technologist)
    ReceivedSeries.objects.create(
        study=task.studies()[0], series_instance_uid="2.25.1", modality="CT", description="Chest 1 mm", images=120
    )
    assert technique(opened(world, task)).splitlines() == [
        BASE,
        "Contrast: 80 mL Iohexol 350 mg I/mL, intravenous.",
        "Mild reaction to Iohexol 350 mg I/mL: hives on the arms.",
        "Dose: DLP 312.5 mGy·cm.",
        "Series: Chest 1 mm (1 series, 120 images).",
        "Images were repeated: patient moved.",
    ]


def test_nothing_recorded_leaves_the_template(world: World, task: ReadingTask) -> None:
    assert technique(opened(world, task)) == BASE


def test_an_untouched_section_follows_the_record(world: World, task: ReadingTask, step: ScheduledProcedureStep) -> None:
    report = opened(world, task)
    line = contrast(world, step)
    followed()
    assert technique(report) == f"{BASE}\nContrast: 80 mL Iohexol 350 mg I/mL, intravenous."
    assert Report.objects.get(pk=report.pk).revision == report.revision
    strike(line, reason="Other patient", by=world.technologist)
    followed()
    assert technique(report) == BASE


def test_a_touched_section_stays_its_writers(world: World, task: ReadingTask, step: ScheduledProcedureStep) -> None:
    report = opened(world, task)
    save_draft(report, revision=0, sections={"technique": "Low-dose CT."}, by=world.radiologist)
    contrast(world, step)
    followed()
    assert technique(report) == "Low-dose CT."


def test_a_page_that_did_not_see_the_newest_text_does_not_undo_it(
    world: World, task: ReadingTask, step: ScheduledProcedureStep
) -> None:
    report = opened(world, task)
    stale = technique(report)
    contrast(world, step)
    followed()
    save_draft(report, revision=0, sections={"technique": stale, "findings": "None."}, by=world.radiologist)
    assert "Iohexol" in technique(report)
    contrast(world, step, volume_ml=Decimal("20.5"))
    followed()
    assert "; 20.5 mL" in technique(report)


def test_what_the_device_says_counts_where_nobody_wrote_it(
    world: World, task: ReadingTask, step: ScheduledProcedureStep
) -> None:
    performed = PerformedProcedureStep.objects.create(
        sop_instance_uid="2.25.5", site=world.north, node=world.node(), started_at=timezone.now()
    )
    performed.steps.add(step)
    PerformedDose.objects.create(performed=performed, area_dose_product_dgy_cm2=12.5, exposures=3)
    note_dose(step, Dose(quantity="exposures", value=Decimal(4)), by=world.technologist)
    assert "Dose: exposures 4, dose area product 1.25 Gy·cm²." in technique(opened(world, task))


def test_objects_about_images_are_no_series_of_the_exam(world: World, task: ReadingTask) -> None:
    study = task.studies()[0]
    for number, modality in enumerate(("CT", "SR", "SEG")):
        ReceivedSeries.objects.create(
            study=study, series_instance_uid=f"2.25.{number}", modality=modality, description=modality, images=1
        )
    assert "Series: CT (1 series, 1 image)." in technique(opened(world, task))


def test_an_exam_that_was_broken_off_says_why(world: World) -> None:
    requested = world.requested()
    step = start_step(requested.steps.get(), by=world.technologist)
    discontinue_exam(step, reason="Could not lie still", by=world.technologist)
    noted(requested)
    task = claim(ReadingTask.objects.get(requested_procedures=requested), by=world.radiologist)
    assert technique(opened(world, task)).endswith("The exam was broken off: Could not lie still.")


def test_text_that_its_signer_did_not_see_cannot_be_signed(
    world: World, task: ReadingTask, step: ScheduledProcedureStep, signing_key: None
) -> None:
    report = opened(world, task)
    shown = numbers_of(report)["numbers_version"]
    contrast(world, step)
    followed()
    client = Client()
    client.force_login(world.radiologist)
    body = {"revision": "0", "numbers": shown, "password": "x"}
    answer = client.post(f"/reports/{report.pk}/sign/", body)
    assert answer.status_code == 409
    assert b"technique changed since you looked" in answer.content


def test_ones_own_change_of_the_section_does_not_count_as_unseen(world: World, task: ReadingTask) -> None:
    report = opened(world, task)
    shown = numbers_of(report)["numbers_version"]
    report = save_draft(report, revision=0, sections={"technique": "Low-dose CT."}, by=world.radiologist)
    assert numbers_of(report)["numbers_version"] == shown


def test_a_signed_report_follows_no_more(
    world: World, task: ReadingTask, step: ScheduledProcedureStep, signing_key: None
) -> None:
    sections = {"findings": "None.", "impression": "Normal."}
    report = save_draft(opened(world, task), revision=0, sections=sections, by=world.radiologist)
    sign(report, world.radiologist)
    contrast(world, step)
    followed()
    assert technique(report) == BASE


def test_strangers_to_the_case_refill_nothing(world: World, task: ReadingTask) -> None:
    report = opened(world, task)
    for actor in (SystemActor("orthanc"), world.technologist):
        with pytest.raises(NotPermitted):
            refill_case(task, by=actor)
    assert technique(report) == BASE
