"""The earlier exams of a case, from the rows: across merges, within rights, with their reports."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from ris.orders.models import Order
from ris.patients.actions import merge_patients
from ris.patients.models import Patient
from tests import exam
from tests.world import World
from worklist.actions import decisions
from worklist.models import ReadingTask, Study
from worklist.priors.earlier import priors_of

pytestmark = pytest.mark.db


def taken(world: World, patient: Patient, code: str, day: date) -> ReadingTask:
    """An exam of some earlier day, with its images."""
    requested = world.requested(world.order(patient, code=code))
    exam.performed(world, requested)
    exam.noted(requested, study_date=day)
    return ReadingTask.objects.get(requested_procedures=requested)


@pytest.fixture
def today(world: World) -> ReadingTask:
    patient = world.patient()
    task = taken(world, patient, "CTCHEST", date(2027, 3, 12))
    for code, day in (("MRBRAIN", date(2027, 2, 1)), ("CTCHEST", date(2025, 3, 12))):
        taken(world, patient, code, day)
    return task


def names(task: ReadingTask, world: World) -> list[tuple[str, int | None, bool]]:
    return [(prior.name, prior.months, prior.is_relevant) for prior in priors_of(task, world.radiologist)]


def test_the_same_organ_comes_first_and_the_case_itself_never(today: ReadingTask, world: World) -> None:
    same, brain = world.procedure("CTCHEST").name, world.procedure("MRBRAIN").name

    assert names(today, world) == [(same, 24, True), (brain, 1, False)]


def test_exams_of_a_merged_record_are_this_persons_too(today: ReadingTask, world: World) -> None:
    maiden = world.patient("Olsen", "Åse")
    taken(world, maiden, "CTCHEST", date(2026, 9, 12))
    assert len(priors_of(today, world.radiologist)) == 2

    merge_patients(maiden, into=today.patient, reason="Married", by=world.clerk)

    assert names(today, world)[0] == (world.procedure("CTCHEST").name, 6, True)


def test_an_exam_that_turned_out_to_be_somebody_elses_is_gone(today: ReadingTask, world: World) -> None:
    prior = priors_of(today, world.radiologist)[0]

    Study.objects.filter(pk=prior.study.pk).update(state="blocked")

    assert prior.study.pk not in [other.study.pk for other in priors_of(today, world.radiologist)]


@pytest.mark.usefixtures("signing_key")
def test_a_signed_report_is_offered_beside_its_exam_and_a_draft_is_not(today: ReadingTask, world: World) -> None:
    earlier = taken(world, today.patient, "CTCHEST", date(2026, 3, 1))
    report = exam.draft(world, task=earlier)
    assert [prior.report_id for prior in priors_of(today, world.radiologist)] == [None, None, None]

    exam.sign(report, world.radiologist)

    assert priors_of(today, world.radiologist)[0].report_id == report.pk


def test_the_queries_do_not_grow_with_the_exams(today: ReadingTask, world: World) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            priors_of(today, world.radiologist)
        return len(seen)

    queries()
    before = queries()
    for month in range(1, 6):
        taken(world, today.patient, "CTCHEST", date(2024, month, 1))

    assert queries() == before


def test_the_reading_room_compares_with_a_prior_of_the_same_patient_only(
    today: ReadingTask, world: World, client: Client
) -> None:
    client.force_login(world.radiologist)
    room = reverse("viewer:reading-room", args=[today.pk])
    prior = priors_of(today, world.radiologist)[0].study
    stranger = taken(world, world.patient("Berg", "Nils"), "CTCHEST", date(2026, 1, 1)).studies().get()

    beside = client.get(room, {"compare": prior.study_instance_uid}).content.decode()
    refused = client.get(room, {"compare": stranger.study_instance_uid})

    assert prior.study_instance_uid in beside
    assert "isocenter-beside" in beside
    assert refused.status_code == 409
    assert stranger.study_instance_uid not in refused.content.decode()


def test_the_list_leads_to_comparing_and_to_the_report(today: ReadingTask, world: World, client: Client) -> None:
    client.force_login(world.radiologist)

    page = client.get(reverse("worklist:priors", args=[today.pk])).content.decode()

    assert f"?compare={priors_of(today, world.radiologist)[0].study.study_instance_uid}" in page
    assert "24 months earlier" not in page
    assert "2 years earlier" in page
    assert page.index("2 years earlier") < page.index("Other earlier exams") < page.index("1 month earlier")


def test_somebody_without_earlier_exams_is_said_to_have_none(world: World, client: Client) -> None:
    client.force_login(world.radiologist)
    task: ReadingTask = exam.case(world)

    page = client.get(reverse("worklist:priors", args=[task.pk])).content.decode()

    assert Order.objects.count() == 1
    assert "No earlier exams with images" in page


@pytest.mark.usefixtures("signing_key")
def test_a_study_of_two_exams_counts_as_the_nearer_one_and_offers_both_reports(
    today: ReadingTask, world: World, client: Client
) -> None:
    abdomen = world.requested(world.order(today.patient, code="CTABD"))
    first = taken(world, today.patient, "MRBRAIN", date(2026, 3, 1))
    study, chest = first.studies().get(), world.requested(world.order(today.patient))
    for requested in (abdomen, chest):
        decisions.link(study, requested, reason="Done in one go", by=world.technologist)
    reports = [
        exam.sign(exam.draft(world, task=task), world.radiologist).report_id
        for task in (first, *ReadingTask.objects.filter(requested_procedures__in=[abdomen, chest]).order_by("pk"))
    ]

    prior = next(one for one in priors_of(today, world.radiologist) if one.study == study)

    assert prior.is_relevant, "by its chest, not by its brain"
    assert prior.name.split(", ")[0] == chest.procedure.name
    assert len(prior.name.split(", ")) == 3
    assert sorted(prior.report_ids) == sorted(reports)
    client.force_login(world.radiologist)
    page = client.get(reverse("worklist:priors", args=[today.pk])).content.decode()
    assert all(f'href="/reports/{pk}/"' in page for pk in reports)
