"""What waits for somebody: failed moves, images under the wrong name, exams without an end, images after the report."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from ris.audit.models import AuditEvent
from ris.scheduling.actions import start_step
from ris.scheduling.models import ScheduledProcedureStep
from tests.api.conftest import program_of
from tests.api.desk import Desk
from tests.permissions.ward_desk import grown
from tests.world import World
from worklist.actions.record import Said, remark
from worklist.models import ReadingTask
from worklist.rehoming.rows import Rehoming

pytestmark = pytest.mark.db
MOVES, WRONG = "/api/v1/moves/", "/api/v1/wrong-patients/"


def test_a_failed_move_is_tried_again_once(world: World, technologist: APIClient) -> None:
    move = Desk(world).failed_move()
    (listed,) = technologist.get(MOVES, {"state": "failed"}).json()["results"]
    assert (listed["problem"], listed["was"], listed["wanted"]["patient_id"]) == (
        "It was full.", {"patient_id": "N1", "accession": ""}, "N2",
    )  # fmt: skip
    again = technologist.post(f"{MOVES}{move.pk}/retry/")
    assert (again.status_code, again.json()["state"], again.json()["problem"]) == (200, "waiting", "")
    assert technologist.post(f"{MOVES}{move.pk}/retry/").status_code == 409


def test_a_move_is_given_up_with_a_reason_and_by_right(
    world: World, technologist: APIClient, clerk: APIClient, outsider: APIClient
) -> None:
    move = Desk(world).failed_move()
    body = {"reason": "The archive has no room"}
    assert clerk.post(f"{MOVES}{move.pk}/give-up/", body, format="json").status_code == 403
    assert outsider.post(f"{MOVES}{move.pk}/give-up/", body, format="json").status_code == 404
    assert technologist.post(f"{MOVES}{move.pk}/give-up/", {"reason": ""}, format="json").status_code == 400
    assert Rehoming.objects.get(pk=move.pk).state == "failed"
    assert technologist.post(f"{MOVES}{move.pk}/give-up/", body, format="json").status_code == 200
    assert AuditEvent.objects.get(action="study.rehoming-dropped").detail["reason"] == body["reason"]


def test_images_under_the_wrong_name_are_settled_once_and_looking_is_recorded(
    world: World, technologist: APIClient, clerk: APIClient, outsider: APIClient
) -> None:
    row = Desk(world).mistaken()
    (listed,) = technologist.get(WRONG).json()["results"]
    assert (listed["id"], listed["reason"], listed["openings"]) == (row.pk, "The wristband says Olsen", [])
    assert AuditEvent.objects.filter(action="audit.openings-viewed").count() == 1
    body = {"outcome": "They are Olsen's"}
    assert clerk.post(f"{WRONG}{row.pk}/settle/", body, format="json").status_code == 403
    assert outsider.post(f"{WRONG}{row.pk}/settle/", body, format="json").status_code == 404
    settled = technologist.post(f"{WRONG}{row.pk}/settle/", body, format="json").json()
    assert (settled["outcome"], settled["settled_by"]) == ("They are Olsen's", world.technologist.display)
    assert technologist.post(f"{WRONG}{row.pk}/settle/", body, format="json").status_code == 409
    assert technologist.get(WRONG).json()["results"] == []


def test_an_exam_without_an_end_is_listed_until_it_is_completed(
    world: World, technologist: APIClient, clerk: APIClient
) -> None:
    step = start_step(world.step(), by=world.technologist)
    assert technologist.get("/api/v1/exams/unclosed/").json() == []
    ScheduledProcedureStep.objects.filter(pk=step.pk).update(started_at=timezone.now() - timedelta(hours=4))
    (one,) = technologist.get("/api/v1/exams/unclosed/").json()
    assert (one["exam"], one["said"]) == (step.pk, "Begun by hand")
    assert technologist.post(f"/api/v1/exams/{one['exam']}/complete/").status_code == 200
    assert technologist.get("/api/v1/exams/unclosed/").json() == []
    assert clerk.get("/api/v1/exams/unclosed/").status_code == 403


def test_images_after_the_report_are_looked_at_once(world: World, radiologist: APIClient, outsider: APIClient) -> None:
    task = grown(world)
    seen = f"/api/v1/cases/{task.pk}/growth-seen/"
    assert outsider.post(seen).status_code == 404
    assert radiologist.post(seen).json()["images_added_at"] is None
    assert ReadingTask.objects.get(pk=task.pk).images_added_at is None
    assert radiologist.post(seen).status_code == 409
    assert AuditEvent.objects.filter(action="reading.growth-seen").count() == 1


def test_incidents_are_for_the_administrators_of_their_site(world: World, technologist: APIClient) -> None:
    step = start_step(world.step(), by=world.technologist)
    said = Said(kind="incident", category="fall", text="Slipped beside the table")
    remark(step, said, by=world.technologist)
    (one,) = program_of(world.siteadmin).get("/api/v1/incidents/").json()["results"]
    assert (one["exam"], one["category"], one["text"]) == (step.pk, "fall", "Slipped beside the table")
    assert technologist.get("/api/v1/incidents/").status_code == 403
