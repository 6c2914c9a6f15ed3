"""A person's notices and filters, reactions to contrast and the side of an exam, as programs handle them."""

from __future__ import annotations

from decimal import Decimal

import pytest
from rest_framework.test import APIClient

from ris.audit.models import AuditEvent
from ris.notifications.actions import notify
from ris.notifications.models import Message
from ris.patients.models import PatientAlert
from ris.scheduling.actions import start_step
from tests.api.conftest import program_of
from tests.api.house import House
from tests.world import World
from worklist.actions.record import Contrast, give_contrast
from worklist.exam.record import ContrastAgent, ContrastGiven, SideCheck
from worklist.models import StudyLink
from worklist.reading.saved import SavedFilter

pytestmark = pytest.mark.db
NARROW = {"name": "Urgent CT", "filter": {"modality": "CT", "priority": "STAT"}}
SIDE = {"answer": "label", "reason": "Asked the patient"}


@pytest.fixture
def told(world: World) -> Message:
    notify([world.clerk, world.radiologist], key="first", subject="Look", text="At this.", link="/orders/1/")
    notify([world.clerk], key="second", subject="And", text="At that.", link="/")
    return Message.objects.get(recipient=world.clerk, key__startswith="first/")


def test_ones_own_notices_are_listed_and_read_one_by_one_or_all(told: Message, clerk: APIClient) -> None:
    rows = clerk.get("/api/v1/notices/").json()["results"]
    assert [(row["subject"], row["read_at"]) for row in rows] == [("And", None), ("Look", None)]
    assert clerk.post(f"/api/v1/notices/{told.pk}/read/").json()["read_at"] is not None
    assert [row["subject"] for row in clerk.get("/api/v1/notices/", {"new": "true"}).json()["results"]] == ["And"]
    assert clerk.post("/api/v1/notices/read-all/").json() == {"read": 1}
    assert clerk.get("/api/v1/notices/", {"new": "true"}).json()["results"] == []


def test_anothers_notice_is_not_there_and_stays_new(world: World, told: Message, radiologist: APIClient) -> None:
    assert radiologist.post(f"/api/v1/notices/{told.pk}/read/").status_code == 404
    assert radiologist.post("/api/v1/notices/read-all/").json() == {"read": 1}
    assert Message.objects.unread_by(world.clerk).count() == 2


def test_a_filter_is_kept_replaced_under_its_name_shared_and_dropped(world: World, radiologist: APIClient) -> None:
    kept = radiologist.post("/api/v1/filters/", NARROW, format="json")
    assert (kept.status_code, kept.json()["filter"]) == (201, NARROW["filter"])
    shared = radiologist.post("/api/v1/filters/", {**NARROW, "site": "north"}, format="json").json()
    assert (shared["id"], shared["site"], SavedFilter.objects.count()) == (kept.json()["id"], "north", 1)
    resident = program_of(world.resident)
    assert [row["name"] for row in resident.get("/api/v1/filters/").json()["results"]] == ["Urgent CT"]
    assert resident.post(f"/api/v1/filters/{shared['id']}/drop/").status_code == 403
    assert radiologist.post(f"/api/v1/filters/{shared['id']}/drop/").status_code == 204
    assert not SavedFilter.objects.exists()


def test_a_filter_that_means_nothing_is_refused_and_not_kept_as_something_else(radiologist: APIClient) -> None:
    odd = {"name": "Odd", "filter": {"modality": "CT", "colour": "red", "priority": "SOON"}}
    wrong = radiologist.post("/api/v1/filters/", odd, format="json")
    assert wrong.status_code == 400
    assert wrong.json()["fields"] == {"filter": "The list cannot be narrowed so: colour, priority."}
    wide = radiologist.post("/api/v1/filters/", {"name": "All", "filter": {}}, format="json")
    assert (wide.status_code, wide.json()["message"]) == (422, "Narrow the list first, then keep the filter.")
    assert not SavedFilter.objects.exists()


def given(world: World) -> ContrastGiven:
    step = start_step(world.step(), by=world.technologist)
    contrast = Contrast(agent=ContrastAgent.objects.all()[0], volume_ml=Decimal(80))
    return give_contrast(step, contrast, by=world.technologist)


def test_a_reaction_is_written_down_and_becomes_an_alert_once(world: World, technologist: APIClient) -> None:
    line = given(world)
    exam = f"/api/v1/exams/{line.step_id}/"
    early = technologist.post(f"{exam}reaction-alert/", {"line": line.pk}, format="json")
    assert (early.status_code, early.json()["message"]) == (
        409,
        "No reaction is recorded: there is nothing to warn of.",
    )
    said = {"line": line.pk, "reaction": "mild", "text": "Hives"}
    written = technologist.post(f"{exam}reaction/", said, format="json")
    assert (written.status_code, written.json()["contrast"][0]["reaction_text"]) == (200, "Hives")
    for _ in range(2):
        assert technologist.post(f"{exam}reaction-alert/", {"line": line.pk}, format="json").status_code == 200
    assert "Mild reaction" in PatientAlert.objects.get().text


def test_a_reaction_needs_words_and_is_of_its_own_exam(world: World, technologist: APIClient) -> None:
    line, other = given(world), given(world)
    exam = f"/api/v1/exams/{line.step_id}/reaction/"
    silent = technologist.post(exam, {"line": line.pk, "reaction": "severe"}, format="json")
    assert (silent.status_code, silent.json()["fields"]) == (422, {"reaction_text": "Say what happened."})
    elsewhere = {"line": other.pk, "reaction": "mild", "text": "Hives"}
    assert technologist.post(exam, elsewhere, format="json").status_code == 404
    assert set(ContrastGiven.objects.values_list("reaction", flat=True)) == {"none"}


def test_the_side_is_answered_for_once_by_who_examined(world: World, technologist: APIClient) -> None:
    check = House(world).make["side-checks"]()
    assert isinstance(check, SideCheck)
    assert StudyLink.objects.filter(study=check.study, active=True).exists()
    (waiting,) = technologist.get("/api/v1/side-checks/").json()["results"]
    assert (waiting["id"], waiting["ordered"], waiting["evidence"][0]["side"]) == (check.pk, "L", "R")
    door = f"/api/v1/side-checks/{check.pk}/"
    answered = technologist.post(f"{door}answer/", SIDE, format="json")
    assert (answered.status_code, answered.json()["answered_by_name"]) == (200, world.technologist.display)
    assert technologist.get("/api/v1/side-checks/").json()["results"] == []
    assert technologist.get(door).json() == answered.json()
    assert technologist.post(f"{door}answer/", SIDE, format="json").status_code == 409
    assert AuditEvent.objects.filter(action="study.side-answered").count() == 1


def test_the_side_is_not_answered_for_by_the_desk_or_another_site(
    world: World, clerk: APIClient, outsider: APIClient
) -> None:
    check = House(world).make["side-checks"]()
    door = f"/api/v1/side-checks/{check.pk}/answer/"
    assert clerk.post(door, SIDE, format="json").status_code == 403
    assert outsider.post(door, SIDE, format="json").status_code == 404
    assert not SideCheck.objects.exclude(answer="").exists()
