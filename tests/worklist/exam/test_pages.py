"""Board, exam and the reader's pane as they are polled and sent."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from ris.accounts.models import User
from ris.audit.models import AuditEvent
from ris.scheduling.actions import arrive, complete_step
from ris.scheduling.models import ScheduledProcedureStep
from tests.exam import case, noted
from tests.world import World
from worklist.actions.exam import start_exam
from worklist.actions.record import Dose, Said, note_dose, remark
from worklist.actions.wrong_patient import wrong_patient
from worklist.exam import board
from worklist.exam.page import series_rows
from worklist.exam.record import ContrastAgent, DoseEntry, ExamRule, ReceivedSeries, Remark, SideCheck
from worklist.models import PerformedDose, PerformedProcedureStep, PerformedSeries, ReadingTask

pytestmark = pytest.mark.db


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def polled(client: Client, address: str, version: str) -> int:
    return client.get(address, {"seen": version}).status_code


def performed(world: World, step: ScheduledProcedureStep) -> PerformedProcedureStep:
    row = PerformedProcedureStep.objects.create(
        sop_instance_uid="2.25.5", site=world.north, node=world.node(), started_at=timezone.now()
    )
    row.steps.add(step)
    return row


def test_the_board_answers_204_until_something_happens(world: World) -> None:
    step, client = world.step(), browser(world.technologist)
    address = reverse("worklist:technologist-rows")
    version = client.get(address).context["version"]
    assert polled(client, address, version) == 204
    start_exam(step, by=world.technologist)
    answer = client.get(address, {"seen": version})
    assert answer.status_code == 200
    assert [room["name"] for room in answer.context["rooms"]] == ["CT 1"]
    assert answer.context["rooms"][0]["here"] == 1


def test_a_line_that_is_sent_twice_stands_once(world: World) -> None:
    step, client = world.step(), browser(world.technologist)
    address = reverse("worklist:exam-record", args=[step.pk, "comment"])
    page = client.get(reverse("worklist:exam", args=[step.pk])).content.decode()
    key = page.split('name="once" value="')[1].split('"')[0]
    answers = [client.post(address, {"text": "Patient moved.", "once": key}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [302, 302]
    assert Remark.objects.filter(step=step).count() == 1


def test_on_a_full_day_who_is_here_stays_on_the_board(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(board, "SHOWN", 2)
    done, expected, here = world.booking(), world.booking(), world.booking()
    complete_step(start_exam(world.step(done), by=world.technologist), by=world.technologist)
    arrive(here, by=world.clerk)
    (room,) = board.board_rows(world.technologist)["rooms"]
    assert [row["step"].appointment for row in room["rows"]] == [here, expected]


def test_the_board_asks_as_often_for_one_exam_as_for_five(world: World) -> None:
    client, address = browser(world.technologist), reverse("worklist:technologist-rows")
    counts = []
    for more in (1, 4):
        for _ in range(more):
            world.booking()
        with CaptureQueriesContext(
            connection,
        ) as asked:
            client.get(address)
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_the_exams_page_is_opened_on_record_and_polled(world: World) -> None:
    step, client = world.step(), browser(world.technologist)
    page = client.get(reverse("worklist:exam", args=[step.pk]))
    assert AuditEvent.objects.get(action="step.opened").actor_display == "Theo Technologist"
    live, version = reverse("worklist:exam-live", args=[step.pk]), page.context["version"]
    assert polled(client, live, version) == 204
    dose = PerformedDose.objects.create(performed=performed(world, step), exposures=3, area_dose_product_dgy_cm2=12.5)
    answer = client.get(live, {"seen": version})
    assert dose.pk
    assert "dose area product 1.25 Gy·cm², exposures 3" in answer.content.decode()


def test_a_refused_start_says_why_on_the_page(world: World) -> None:
    ExamRule.objects.create(site=world.north, time_out=True)
    step = world.step()
    page = browser(world.technologist).post(reverse("worklist:exam-verb", args=[step.pk, "start"]), follow=True)
    assert "The time-out is missing" in page.content.decode()
    assert ScheduledProcedureStep.objects.get(pk=step.pk).state == "SCHEDULED"


@pytest.mark.parametrize(("what", "body", "words"), [
    ("contrast", {"agent": "", "volume_ml": "80", "route": "oral"}, "This field is required."),
    ("contrast", {"agent": "1", "volume_ml": "80", "route": "oral", "reaction": "mild"}, "Say what happened."),
    ("dose", {"quantity": "dlp", "value": "much"}, "Enter a number."),
    ("incident", {"text": "Fell"}, "This field is required."),
    ("repeat", {"reason": "", "images": "0"}, "greater than or equal to 1"),
])  # fmt: skip
def test_what_cannot_be_recorded_stands_beside_its_field(
    world: World, what: str, body: dict[str, str], words: str
) -> None:
    step = world.step()
    agent = ContrastAgent.objects.create(name="Agent of this test", kind="iodinated")
    sent = body | ({"agent": str(agent.pk)} if body.get("agent") else {})
    answer = browser(world.technologist).post(reverse("worklist:exam-record", args=[step.pk, what]), sent)
    assert answer.status_code == 422
    assert words in answer.content.decode()


@pytest.mark.parametrize(("name", "args"), [
    ("exam-record", ["poem"]), ("exam-verb", ["fly"]),
])  # fmt: skip
def test_there_is_no_other_button(world: World, name: str, args: list[Any]) -> None:
    step = world.step()
    assert browser(world.technologist).post(reverse(f"worklist:{name}", args=[step.pk, *args])).status_code == 404
    assert browser(world.technologist).get(reverse("worklist:entry-strike", args=["poem", 1])).status_code == 404


def test_what_the_device_made_stands_beside_what_the_archive_has(world: World) -> None:
    requested = world.requested()
    step = start_exam(requested.steps.get(), by=world.technologist)
    study = noted(requested)
    done = performed(world, step)
    for place, (uid, images) in enumerate({"2.25.1": 40, "2.25.2": 3}.items()):
        PerformedSeries.objects.create(
            performed=done, place=place, series_instance_uid=uid, images=images, protocol="P"
        )
    for uid, images in {"2.25.1": 40, "2.25.3": 1}.items():
        ReceivedSeries.objects.create(study=study, series_instance_uid=uid, images=images, description="Q")
    found = [(row["description"], row["expected"], row["received"], row["short"]) for row in series_rows(step)]
    assert found == [("P", 40, 40, False), ("P", 3, 0, True), ("Q", None, 1, False)]


def test_series_of_another_patient_are_no_part_of_the_exam(world: World) -> None:
    task = case(world)
    step = task.requested_procedures.get().steps.get()
    ReceivedSeries.objects.create(study=task.studies().get(), series_instance_uid="2.25.1", images=1, description="PA")
    assert [row["description"] for row in series_rows(step)] == ["PA"]
    wrong_patient(step, reason="Somebody else lay there", by=world.technologist)
    assert series_rows(step) == []


def test_the_reader_sees_the_note_and_the_side_and_nothing_twice(world: World) -> None:
    task = case(world)
    requested = task.requested_procedures.get()
    step, client = requested.steps.get(), browser(world.radiologist)
    address = reverse("worklist:case-exam", args=[task.pk])
    version = client.get(address).context["version"]
    assert polled(client, address, version) == 204
    remark(step, Said(kind="note", text="Only supine."), by=world.technologist)
    remark(step, Said(kind="comment", text="Among us."), by=world.technologist)
    SideCheck.objects.create(
        study=task.studies()[0], requested_procedure=requested, ordered="L", verdict="differs",
        checked_at=timezone.now(), evidence=[{"side": "R", "where": "laterality", "text": "R", "series": 4}],
    )  # fmt: skip
    text = client.get(address, {"seen": version}).content.decode()
    assert "Only supine." in text
    assert "Among us." not in text
    assert "The order says LEFT, the images say RIGHT (series 4, laterality: R)." in text


def test_incidents_are_listed_for_their_site_alone(world: World) -> None:
    remark(world.step(), Said(kind="incident", text="Fell off", category="fall"), by=world.technologist)
    assert "Fell off" in browser(world.siteadmin).get(reverse("worklist:incidents")).content.decode()
    assert browser(world.radiologist).get(reverse("worklist:incidents")).status_code == 403


def test_programs_write_all_lines_or_none(world: World) -> None:
    step = start_exam(world.step(), by=world.technologist)
    client = browser(world.technologist)
    dose = {"quantity": "dlp", "value": "312.5"}
    both = {"dose": dose, "remark": {"kind": "incident", "text": "Fell"}}
    answer = client.post(f"/api/v1/exams/{step.pk}/record/", both, content_type="application/json")
    assert answer.status_code == 422
    assert DoseEntry.objects.count() == 0
    answer = client.post(f"/api/v1/exams/{step.pk}/record/", {"dose": dose}, content_type="application/json")
    assert (answer.status_code, answer.json()["doses"][0]["value"]) == (200, "312.500")


def test_a_struck_line_is_told_as_such_by_the_api(world: World) -> None:
    step = world.step()
    note_dose(step, Dose(quantity="dlp", value=Decimal(1)), by=world.technologist)
    line = DoseEntry.objects.get()
    client = browser(world.technologist)
    client.post(reverse("worklist:entry-strike", args=["dose", line.pk]), {"reason": "Mistyped"})
    assert client.get(f"/api/v1/exams/{step.pk}/").json()["doses"][0]["struck_reason"] == "Mistyped"


def test_a_case_without_anything_to_tell_shows_nothing(world: World) -> None:
    task: ReadingTask = case(world)
    page = browser(world.radiologist).get(reverse("worklist:case-exam", args=[task.pk])).content.decode()
    assert "alert" not in page
