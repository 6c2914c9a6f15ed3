"""What used to be done on screens only, done by programs: through the same actions, with the same refusals."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from reporting.delay.record import PublishDelay
from reporting.models import KeyImage, Report
from ris.audit.models import AuditEvent
from ris.events.models import Delivery, Event
from ris.orders.models import Protocol
from tests import exam
from tests.api.conftest import program_of
from tests.api.exams import draft, signed
from tests.world import World

pytestmark = pytest.mark.db
API = "/api/v1"


def told(answer: Any, status: int = 200) -> Any:
    assert answer.status_code == status, answer.json()
    return answer.json()


def test_two_records_become_one_person_and_two_again(world: World, clerk: APIClient) -> None:
    old, new = world.patient("Alias"), world.patient("Twin")
    body = {"into": new.pk, "reason": "Same passport"}
    assert told(clerk.post(f"{API}/patients/{old.pk}/merge/", body, format="json"))["merged_into"] == new.pk
    again = clerk.post(f"{API}/patients/{old.pk}/merge/", body, format="json")
    assert (again.status_code, again.json()["error"]) == (409, "illegal-move")
    parted = clerk.post(f"{API}/patients/{old.pk}/unmerge/", {"reason": "Twins"}, format="json")
    assert told(parted)["merged_into"] is None


def test_numbers_and_alerts_are_noted_and_ended(world: World, clerk: APIClient) -> None:
    patient = world.patient()
    number = {"issuer": "KASSE", "value": "K-1"}
    added = told(clerk.post(f"{API}/patients/{patient.pk}/add-number/", number, format="json"))
    assert number in added["identifiers"]
    told(clerk.post(f"{API}/patients/{patient.pk}/retire-number/", number | {"in_error": True}, format="json"))
    gone = clerk.post(f"{API}/patients/{patient.pk}/retire-number/", number, format="json")
    assert gone.status_code == 404, "a number given in error is nobody's"
    body = {"kind": "allergy", "text": "Latex", "noted_on": "2020-01-01"}
    alert = told(clerk.post(f"{API}/patients/{patient.pk}/add-alert/", body, format="json"), 201)
    end = {"alert": alert["id"], "reason": "Tested"}
    assert told(clerk.post(f"{API}/patients/{patient.pk}/end-alert/", end, format="json"))["active"] is False
    assert [row["active"] for row in told(clerk.get(f"{API}/patients/{patient.pk}/alerts/"))["results"]] == [False]


def test_an_alert_of_another_patient_is_not_found(world: World, clerk: APIClient) -> None:
    theirs, other = world.patient("Theirs"), world.patient("Other")
    body = {"kind": "implant", "text": "Pacemaker", "noted_on": "2020-01-01"}
    alert = told(clerk.post(f"{API}/patients/{theirs.pk}/add-alert/", body, format="json"), 201)
    end = {"alert": alert["id"], "reason": "Removed"}
    assert clerk.post(f"{API}/patients/{other.pk}/end-alert/", end, format="json").status_code == 404


def test_somebody_unknown_is_identified_on_the_same_record(world: World, clerk: APIClient) -> None:
    unknown = told(clerk.post(f"{API}/patients/unknown/", {"site": "north", "estimated_age": 40}, format="json"), 201)
    body = {"family_name": "Known", "given_name": "Karl"}
    known = told(clerk.post(f"{API}/patients/{unknown['id']}/identify/", body, format="json"))
    assert (known["id"], known["family_name"]) == (unknown["id"], "Known")


def test_an_exam_is_protocolled_sent_back_and_asked_again(
    world: World, clerk: APIClient, radiologist: APIClient
) -> None:
    row = Protocol.objects.create(requested_procedure=world.requested())
    at = f"{API}/protocols/{row.pk}"
    assert told(radiologist.post(f"{at}/send-back/", {"reason": "Why?"}, format="json"))["state"] == "returned"
    assert told(clerk.post(f"{at}/ask-again/"))["state"] == "open"
    approved = told(radiologist.post(f"{at}/approve/", {"text": "Portal venous."}, format="json"))
    assert (approved["state"], approved["text"]) == ("approved", "Portal venous.")
    assert clerk.post(f"{at}/approve/", {"text": "Mine"}, format="json").status_code == 403


def test_a_hard_stop_is_answered_and_overridden_by_a_physician(
    world: World, clerk: APIClient, radiologist: APIClient
) -> None:
    body = {"order": world.order().pk, "kind": "egfr", "value": "20", "measured_on": "2026-01-05", "source": "Lab"}
    stop = told(clerk.post(f"{API}/safety-answers/", body | {"effect": "hard-stop"}, format="json"), 201)
    at, why = f"{API}/safety-answers/{stop['id']}/override/", {"reason": "Vital indication"}
    assert clerk.post(at, why, format="json").status_code == 403
    assert told(radiologist.post(at, why, format="json"))["overridden_by_name"] == world.radiologist.display


def test_a_critical_finding_is_told_until_it_was_read_back(world: World, radiologist: APIClient) -> None:
    body = {"case": exam.case(world).pk, "category": 1, "finding": "Pneumothorax", "recipient": "Dr. Ward"}
    finding = told(radiologist.post(f"{API}/critical-findings/", body, format="json"), 201)
    at = f"{API}/critical-findings/{finding['id']}"
    call = {"told": "Dr. Ward", "way": "phone", "at": timezone.now().isoformat(), "reached": True}
    assert told(radiologist.post(f"{at}/tell/", call, format="json"))["state"] == "open"
    done = told(radiologist.post(f"{at}/tell/", call | {"read_back": True}, format="json"))
    assert (done["state"], len(done["communications"])) == ("told", 2)
    later = call | {"at": (timezone.now() + timedelta(hours=1)).isoformat()}
    assert radiologist.post(f"{at}/tell/", later, format="json").status_code == 422


@pytest.mark.usefixtures("signing_key")
def test_an_addendum_is_written_here_and_signed_elsewhere(world: World, radiologist: APIClient) -> None:
    report = signed(world).report
    begun = told(radiologist.post(f"{API}/amendments/", {"report": report.pk, "kind": "addendum"}, format="json"), 201)
    at = f"{API}/amendments/{begun['id']}"
    body = {"revision": 0, "seen": 1, "texts": ["Unchanged since 2019."]}
    assert told(radiologist.put(f"{at}/texts/", body, format="json"))["revision"] == 1
    assert radiologist.put(f"{at}/texts/", body, format="json").status_code == 409
    assert told(radiologist.get(f"{at}/"))["texts"] == [{"title": "Addendum", "text": "Unchanged since 2019."}]
    called = {"caller": "Dr. Ward, ward 4", "called_at": "2026-03-01T09:30:00Z"}
    told(radiologist.put(f"{at}/texts/", body | called | {"revision": 1}, format="json"))
    kept = told(radiologist.put(f"{at}/texts/", body | {"revision": 2, "texts": ["As in 2019."]}, format="json"))
    assert (kept["caller"], kept["texts"][0]["text"]) == ("Dr. Ward, ward 4", "As in 2019."), "what is not sent stays"
    assert report.versions.count() == 1, "nothing is signed here"
    assert told(radiologist.post(f"{at}/drop/"))["state"] == "dropped"


@pytest.mark.usefixtures("signing_key")
def test_a_correction_names_what_does_not_hold_by_its_key(world: World, radiologist: APIClient) -> None:
    task = exam.case(world)
    exam.stored(task, 52.4)
    report = exam.sign(exam.draft(world, task=task), world.radiologist).report
    body: dict[str, Any] = {"report": report.pk, "kind": "correction"}
    begun = told(radiologist.post(f"{API}/amendments/", body, format="json"), 201)
    assert "findings" in [one["key"] for one in begun["texts"]]
    at = f"{API}/amendments/{begun['id']}/texts/"
    body = {"revision": 0, "seen": 1, "texts": [one["text"] for one in begun["texts"]], "reason": "Two lesions"}
    assert radiologist.put(at, body | {"left_out": ["nowhere"]}, format="json").status_code == 422
    by_label = told(radiologist.put(at, body | {"left_out": ["Largest lesion, length"]}, format="json"))
    assert by_label["left_out"] == ["lesion-length"]
    kept = told(radiologist.put(at, body | {"revision": 1}, format="json"))
    assert kept["left_out"] == ["lesion-length"], "what is not sent stays"
    typed = told(radiologist.put(at, body | {"revision": 2, "fields": {"lesion-length": "48 mm"}}, format="json"))
    assert typed["fields"]["lesion-length"]["text"] == "48 mm"
    assert radiologist.put(at, body | {"revision": 3, "fields": {"nowhere": "1"}}, format="json").status_code == 422


@pytest.mark.usefixtures("signing_key")
def test_the_reason_of_a_withdrawal_is_kept_and_withdraws_nothing(world: World, radiologist: APIClient) -> None:
    report = signed(world).report
    begun = told(
        radiologist.post(f"{API}/amendments/", {"report": report.pk, "kind": "withdrawal"}, format="json"), 201
    )
    body = {"revision": 0, "seen": 1, "texts": [], "reason": "Images of another patient"}
    kept = told(radiologist.put(f"{API}/amendments/{begun['id']}/texts/", body, format="json"))
    assert (kept["reason"], report.versions.count()) == ("Images of another patient", 1)


@pytest.mark.usefixtures("signing_key")
def test_a_signature_is_taken_back_or_let_go_while_it_waits_and_what_waits_to_be_signed_is_listed(
    world: World, radiologist: APIClient
) -> None:
    PublishDelay.objects.create(site=world.north, minutes=5)
    report = signed(world).report
    at = f"{API}/reports/{report.pk}"
    assert told(radiologist.get(f"{at}/"))["held_until"] is not None
    assert program_of(world.referrer).get(f"{at}/").status_code == 404
    assert told(radiologist.post(f"{at}/recall/"))["state"] == "draft"
    (waiting,) = told(radiologist.get(f"{API}/reports/to-sign/"))
    assert (waiting["report"], waiting["grade_asked"], waiting["reason"]) == (report.pk, False, "")
    exam.sign(Report.objects.get(pk=report.pk), world.radiologist)
    assert told(radiologist.post(f"{at}/send-now/"))["held_until"] is None
    assert told(program_of(world.referrer).get(f"{at}/"))["state"] == "final"
    assert radiologist.post(f"{at}/recall/").status_code == 409


def test_autotexts_are_made_changed_taken_in_and_removed(radiologist: APIClient) -> None:
    made = told(radiologist.post(f"{API}/autotexts/", {"keyword": ".Nopneu", "text": "None."}, format="json"), 201)
    at = f"{API}/autotexts/{made['id']}"
    assert (made["keyword"], made["whose"]) == ("nopneu", "mine")
    body = {"keyword": "nopneu", "text": "No pneumothorax."}
    assert told(radiologist.put(f"{at}/", body, format="json"))["text"] == "No pneumothorax."
    several = {"autotexts": [body | {"text": "No air."}, {"keyword": "normal", "text": "Normal."}]}
    taken = told(radiologist.post(f"{API}/autotexts/take-in/", several, format="json"))
    assert [(one["id"] == made["id"], one["text"]) for one in taken] == [(True, "No air."), (False, "Normal.")]
    assert radiologist.post(f"{at}/remove/").status_code == 204
    assert [one["keyword"] for one in told(radiologist.get(f"{API}/autotexts/"))["results"]] == ["normal"]


def test_a_key_image_of_another_study_is_refused(world: World, radiologist: APIClient) -> None:
    report = draft(world)
    study = report.task.studies().get().study_instance_uid
    body = {"report": report.pk, "study_uid": study, "sop_uid": "2.25.31", "frame": 3, "label": "The nodule"}
    kept = told(radiologist.post(f"{API}/key-images/", body, format="json"), 201)
    strange = radiologist.post(f"{API}/key-images/", body | {"study_uid": "2.25.9"}, format="json")
    assert strange.status_code == 422
    assert told(radiologist.post(f"{API}/key-images/{kept['id']}/leave-out/"))["left_out"] is True
    assert KeyImage.objects.get().frame == 3


def test_a_parked_delivery_is_sent_again(world: World) -> None:
    event = Event.objects.create(
        kind="report.signed", at=timezone.now(), actor_kind="user", actor_id="1", target_id="1", site_id=world.north.pk
    )
    row = Delivery.objects.create(event=event, subscriber="nobody", state="parked", next_at=timezone.now())
    program = program_of(world.siteadmin)
    assert [one["id"] for one in told(program.get(f"{API}/deliveries/", {"state": "parked"}))["results"]] == [row.pk]
    assert told(program.post(f"{API}/deliveries/{row.pk}/resend/"))["state"] == "pending"
    assert AuditEvent.objects.filter(action="delivery.resent", target_id=str(row.pk)).exists()
