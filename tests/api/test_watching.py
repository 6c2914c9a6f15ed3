"""Emergency accesses, the audit trail, and objects that the archive did not take, for programs."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from ris.accounts.models import ApiToken
from ris.audit.models import AuditEvent
from ris.events.models import Delivery, Event
from ris.notifications.models import Message
from tests import exam
from tests.api.conftest import program_of
from tests.world import World
from viewer.models import EmergencyAccess
from worklist.models import ReadingTask, Study

pytestmark = pytest.mark.db
ACCESSES, TRAIL = "/api/v1/emergency-accesses/", "/api/v1/audit-events/"
WHY = "Polytrauma, unconscious, no time to call"


@pytest.fixture
def study(world: World) -> Study:
    return exam.noted(world.requested())


@pytest.fixture
def administrator(world: World) -> APIClient:
    return program_of(world.siteadmin)


def test_a_foreign_study_is_opened_with_a_reason_told_reviewed_and_ended(
    world: World, study: Study, outsider: APIClient, administrator: APIClient
) -> None:
    opened = outsider.post(ACCESSES, {"study": study.study_instance_uid, "reason": WHY}, format="json")
    assert (opened.status_code, opened.json()) == (
        201,
        {"studies": [{"id": study.pk, "study_instance_uid": study.study_instance_uid}]},
    )
    (mine,) = outsider.get(f"{ACCESSES}mine/").json()
    assert (mine["reason"], mine["is_running"]) == (WHY, True)
    assert Message.objects.filter(recipient=world.siteadmin, subject="Emergency access to a study").count() == 1
    (waiting,) = administrator.get(ACCESSES).json()["results"]
    assert (waiting["user"], waiting["state"]) == ("outsider", "waiting")
    silent = administrator.post(f"{ACCESSES}{mine['id']}/review/", {"outcome": "question"}, format="json")
    assert (silent.status_code, list(silent.json()["fields"])) == (422, ["remark"])
    asked = {"outcome": "question", "remark": "Who was it?"}
    done = administrator.post(f"{ACCESSES}{mine['id']}/review/", asked, format="json").json()
    assert (done["state"], done["is_running"]) == ("questioned", False)
    assert administrator.get(ACCESSES).json()["results"] == []
    assert len(administrator.get(ACCESSES, {"all": "true"}).json()["results"]) == 1
    assert outsider.get(f"{ACCESSES}mine/").json() == []


def test_whoever_opened_a_study_ends_it_and_nobody_else(
    world: World, study: Study, outsider: APIClient, radiologist: APIClient
) -> None:
    outsider.post(ACCESSES, {"study": study.study_instance_uid, "reason": WHY}, format="json")
    access = EmergencyAccess.objects.get()
    assert radiologist.post(f"{ACCESSES}{access.pk}/end/").status_code == 404
    assert outsider.post(f"{ACCESSES}{access.pk}/end/").json()["is_running"] is False
    access.refresh_from_db()
    assert access.until <= timezone.now()


def test_no_study_opens_without_a_reason_or_the_right(
    world: World, study: Study, outsider: APIClient, clerk: APIClient
) -> None:
    named = {"study": study.study_instance_uid, "reason": WHY}
    assert clerk.post(ACCESSES, named, format="json").status_code == 403
    short = outsider.post(ACCESSES, {**named, "reason": "Now"}, format="json")
    assert (short.status_code, list(short.json()["fields"])) == (422, ["reason"])
    unknown = outsider.post(ACCESSES, {**named, "study": "2.25.404"}, format="json")
    assert (unknown.status_code, list(unknown.json()["fields"])) == (422, ["study"])
    assert not EmergencyAccess.objects.exists()
    assert AuditEvent.objects.filter(action="security.emergency-access", outcome="refused").count() == 1


def test_a_token_of_other_areas_opens_nothing(world: World, study: Study) -> None:
    _token, key = ApiToken.issue(world.outsider, "few things", read_only=False, scopes=("studies:write",))
    program = APIClient(headers={"Authorization": f"Token {key}"})
    answer = program.post(ACCESSES, {"study": study.study_instance_uid, "reason": WHY}, format="json")
    assert (answer.status_code, answer.json()["message"]) == (403, "This token lacks the scope emergency:write.")
    assert not EmergencyAccess.objects.exists()


def test_the_trail_of_a_patient_or_an_exam_is_read_by_who_answers_for_it(
    world: World, study: Study, clerk: APIClient, radiologist: APIClient
) -> None:
    administrator = program_of(world.admin)  # opening a patient's file is of no site
    patient = study.links.get().requested_procedure.order.patient
    assert clerk.get(f"/api/v1/patients/{patient.pk}/").status_code == 200
    assert radiologist.get(f"/api/v1/studies/{study.pk}/").status_code == 200
    rows = administrator.get(TRAIL, {"patient": patient.pk}).json()["results"]
    assert {row["patient_id"] for row in rows} == {patient.pk}
    assert ("patient.opened", world.clerk.display) in [(row["action"], row["actor_display"]) for row in rows]
    of_study = administrator.get(TRAIL, {"study": study.study_instance_uid, "q": "study.opened"}).json()["results"]
    assert [row["actor_display"] for row in of_study] == [world.radiologist.display]
    looked = AuditEvent.objects.filter(action="audit.opened", actor_id=str(world.admin.pk))
    assert list(looked.order_by("pk").values_list("patient_id", flat=True)) == [patient.pk, None]


def test_the_trail_is_for_nobody_else_and_for_ones_own_sites(
    world: World, study: Study, clerk: APIClient, administrator: APIClient
) -> None:
    assert clerk.get(TRAIL).status_code == 403
    sites = {row.site_id for row in AuditEvent.objects.all()}
    assert world.north.pk in sites
    AuditEvent.objects.create(
        at=timezone.now(), action="order.placed", event_code="110109", actor_kind="user", actor_id="1",
        actor_display="Somebody", site_id=world.south.pk, target_kind="orders.order", target_id="1",
    )  # fmt: skip
    assert administrator.get(TRAIL, {"q": "Somebody"}).json()["results"] == []
    assert len(program_of(world.admin).get(TRAIL, {"q": "Somebody"}).json()["results"]) == 1


@pytest.fixture
def kept(world: World) -> tuple[ReadingTask, Delivery]:
    """A case with an object that the archive did not take."""
    task = exam.case(world)
    about = {"study_uid": task.studies().get().study_instance_uid, "sop_uids": ["2.25.40"], "sha256": "0" * 64}
    event = Event.objects.create(kind="object.kept", at=timezone.now(), actor_kind="user", actor_id="1", payload=about)
    later = timezone.now() + timedelta(hours=1)
    stuck = Delivery.objects.create(
        event=event, subscriber="viewer.store-kept", state="parked", next_at=later, last_error="It was full."
    )
    return task, stuck


def test_an_object_that_is_kept_is_listed_and_stored_again(
    kept: tuple[ReadingTask, Delivery], radiologist: APIClient
) -> None:
    task, stuck = kept
    address = f"/api/v1/case-objects/{task.pk}/"
    listed = radiologist.get(address).json()
    assert [(row["sop_instance_uid"], row["state"], row["delivery"]) for row in listed["objects"]] == [
        ("2.25.40", "failed", stuck.pk)
    ]
    again = radiologist.post(f"{address}store-again/", {"delivery": stuck.pk}, format="json")
    assert (again.status_code, again.json()["objects"][0]["state"]) == (200, "kept")
    stuck.refresh_from_db()
    assert (stuck.state, stuck.next_at <= timezone.now()) == ("pending", True)
    unknown = radiologist.post(f"{address}store-again/", {"delivery": stuck.pk + 1000}, format="json")
    assert unknown.status_code == 404


def test_objects_are_for_those_who_read_the_case(
    kept: tuple[ReadingTask, Delivery], clerk: APIClient, outsider: APIClient
) -> None:
    task, stuck = kept
    address = f"/api/v1/case-objects/{task.pk}/"
    assert (clerk.get(address).status_code, outsider.get(address).status_code) == (403, 404)
    assert outsider.post(f"{address}store-again/", {"delivery": stuck.pk}, format="json").status_code == 404
    stuck.refresh_from_db()
    assert stuck.state == "parked"
