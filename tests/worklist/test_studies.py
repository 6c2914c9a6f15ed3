"""What the archive tells of becomes a study, once; what contradicts its order is nobody's until a person decides."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from ris.audit.models import AuditEvent
from ris.core.actors import SystemActor
from ris.core.errors import NotPermitted
from ris.dicom.datasets import StudyRow
from ris.events.errors import DeliveryError
from ris.events.models import Delivery, Event
from ris.events.outbox import attempt
from ris.orders.actions import cancel_order
from ris.orders.models import Order, RequestedProcedure
from ris.patients.models import Patient
from ris.scheduling.actions import complete_step, discontinue_step, start_step
from tests.exam import MATCHER, case, noted, performed, study_row
from tests.ris.dicom.objects import ct, file_of, new_uid
from tests.services.orthanc import Server
from tests.services.server import free_port
from tests.world import World
from worklist import subscribers
from worklist.actions.notices import notice_study
from worklist.actions.reading import claim
from worklist.actions.studies import note_study
from worklist.lifecycle import STUDY
from worklist.models import ReadingTask, Study, StudyLink
from worklist.mwl.charset import fit, terms

ORTHANC = SystemActor("orthanc")


def told() -> dict[str, Any]:
    return {kind: Event.objects.filter(kind=f"study.{kind}").count() for kind in ("linked", "unmatched")}


def test_a_study_that_fits_is_linked_and_everybody_is_told(world: World) -> None:
    requested = world.requested()
    study = noted(requested)
    link = StudyLink.objects.get()
    assert (link.requested_procedure, link.evidence, link.active) == (requested, "same StudyInstanceUID", True)
    assert (study.state, study.site, study.instance_count) == ("matched", world.north, 120)
    row = AuditEvent.objects.get(action="study.linked")
    assert (row.patient_id, row.study_uid) == (requested.order.patient_id, requested.study_instance_uid)
    assert Event.objects.get(kind="study.linked").payload == {"requested_procedure": requested.pk}


@pytest.mark.parametrize(
    ("family", "profile"),
    [("Иванов", "ISO_IR 100"), ("王", "ISO_IR 100"), ("Đorđević", "ISO_IR 144"), ("Müller", "\\ISO 2022 IR 87")],
)
def test_a_name_that_the_device_could_not_write_is_the_same_name(world: World, family: str, profile: str) -> None:
    requested = world.requested(world.order(world.patient(family)))
    written = fit(family, terms(profile))
    assert written != family
    assert noted(requested, patient_name=f"{written}^Ase").state == "matched"


def test_noting_again_changes_nothing(world: World) -> None:
    requested = world.requested()
    performed(world, requested)
    noted(requested)
    counts = StudyLink.objects.count(), ReadingTask.objects.count(), AuditEvent.objects.count(), Event.objects.count()
    for _ in range(3):
        noted(requested)
    assert counts == (
        StudyLink.objects.count(), ReadingTask.objects.count(), AuditEvent.objects.count(), Event.objects.count(),
    )  # fmt: skip


def test_noting_again_changes_nothing_for_procedures_that_share_a_number(world: World) -> None:
    order = world.order()
    twin = RequestedProcedure.objects.get()
    twin.pk, twin.study_instance_uid = None, "2.25.4711"
    twin.save()
    first = order.procedures.order_by("pk")[0]
    noted(first)
    assert StudyLink.objects.filter(active=True).count() == 2
    events = Event.objects.count()
    noted(first)
    assert (StudyLink.objects.count(), Event.objects.count()) == (2, events)


def test_a_growing_study_is_kept_up_to_date(world: World) -> None:
    task = case(world)
    noted(task.requested_procedures.get(), instance_count=240, series_count=2)
    study = Study.objects.get()
    assert (study.instance_count, study.series_count) == (240, 2)
    assert ReadingTask.objects.get(pk=task.pk).image_count == 240


def test_a_description_that_the_archive_forgot_is_kept(world: World) -> None:
    requested = world.requested()
    noted(requested)
    assert noted(requested, description="").description == "CT chest"


@pytest.mark.parametrize(("changes", "why"), [
    ({"patient_id": "NORTH9999999"}, "patient number"), ({"birth_date": date(1999, 1, 1)}, "birth date"),
    ({"patient_name": "OTHER^PERSON"}, "family name"), ({"modalities": ("MR",)}, "modality"),
    ({"accession_number": "", "study_instance_uid": "2.25.99"}, "no open order"),
])  # fmt: skip
def test_a_study_that_does_not_fit_waits_with_its_reason(changes: dict[str, Any], why: str, world: World) -> None:
    study = noted(world.requested(), **changes)
    assert (study.state, study.site) == ("unmatched", world.north), "the site of the device that sent it"
    assert any(why in finding for finding in study.findings)
    assert (StudyLink.objects.count(), told()["unmatched"]) == (0, 1)
    noted(world.requested(Order.objects.get()), **changes)
    assert told()["unmatched"] == 1, "told once"


def test_an_unmatched_study_is_for_those_who_reconcile(world: World) -> None:
    noted(world.requested(), patient_id="NORTH9999999")
    who = {name for name, user in world.people.items() if Study.objects.visible_to(user).exists()}
    assert who == {"technologist", "radiologist"}


def test_a_matched_study_is_for_those_who_see_images_at_its_site(world: World) -> None:
    noted(world.requested())
    who = {name for name, user in world.people.items() if Study.objects.visible_to(user).exists()}
    assert who == {"technologist", "resident", "radiologist"}


def test_a_blocked_study_is_for_nobody_and_stays_blocked(world: World) -> None:
    task = case(world)
    STUDY.advance(Study.objects.get(), "block")
    assert not any(Study.objects.visible_to(user).exists() for user in world.people.values())
    noted(task.requested_procedures.get(), instance_count=500)
    assert Study.objects.get().state == "blocked"
    assert list(task.studies()) == []


def test_what_the_archive_later_contradicts_is_unlinked_and_invisible(world: World) -> None:
    """Also when not one image more arrived."""
    task = case(world)
    requested = task.requested_procedures.get()
    study = noted(requested, patient_id="NORTH9999999")
    assert (study.state, StudyLink.objects.get().active) == ("unmatched", False)
    assert list(task.studies()) == []
    assert ReadingTask.objects.get(pk=task.pk).image_count == 0
    assert not Study.objects.visible_to(world.resident).exists()
    assert AuditEvent.objects.get(action="study.unlinked").study_uid == requested.study_instance_uid


def test_a_study_that_fits_again_is_linked_again(world: World) -> None:
    requested = world.requested()
    noted(requested, patient_id="NORTH9999999")
    assert noted(requested).state == "matched"
    assert StudyLink.objects.filter(active=True).count() == 1


def test_a_patient_is_found_under_the_number_of_a_merged_record(world: World) -> None:
    requested = world.requested()
    double = world.patient("Møller")
    Patient.objects.filter(pk=double.pk).update(merged_into=requested.order.patient)
    number = double.identifiers.get().value
    assert noted(requested, patient_id=number).state == "matched"


def test_what_was_taken_of_a_discontinued_order_is_read(world: World) -> None:
    requested = world.requested()
    step = requested.steps.get()
    start_step(step, by=world.technologist)
    discontinue_step(step, reason="110513", by=world.technologist)
    noted(requested)
    assert ReadingTask.objects.get().state == "waiting"


def test_a_cancelled_order_receives_nothing(world: World) -> None:
    order = world.order()
    cancel_order(order, reason="No", by=world.clerk)
    assert noted(world.requested(order)).state == "unmatched"


def test_only_those_who_reconcile_note_studies(world: World) -> None:
    row = study_row(world.requested())
    for by in (world.clerk, world.resident, SystemActor("orthanc"), SystemActor("mpps")):
        with pytest.raises(NotPermitted):
            note_study(row, by=by)
    assert not Study.objects.exists()


def test_a_case_waits_until_its_exam_is_done(world: World) -> None:
    requested = world.requested()
    noted(requested)
    assert not ReadingTask.objects.exists()
    step = requested.steps.get()
    start_step(step, by=world.technologist)
    assert not ReadingTask.objects.exists()
    complete_step(step, by=world.technologist)
    assert ReadingTask.objects.get().state == "waiting"


def test_an_exam_without_images_is_not_to_be_read_until_they_come(world: World) -> None:
    requested = world.requested()
    performed(world, requested)
    assert not ReadingTask.objects.exists()
    noted(requested)
    assert ReadingTask.objects.get().image_count == 120


def test_an_urgent_exam_is_to_be_read_from_its_first_image(world: World) -> None:
    requested = world.requested(world.order(priority="STAT"))
    noted(requested, instance_count=1)
    task = ReadingTask.objects.get()
    assert (task.priority, task.rank, task.image_count) == ("STAT", 0, 1)


def test_a_case_is_made_once(world: World) -> None:
    requested = world.requested(world.order(priority="STAT"))
    noted(requested)
    performed(world, requested)
    noted(requested, instance_count=400)
    assert ReadingTask.objects.count() == 1


@pytest.mark.parametrize("by", [ORTHANC, "technologist", "radiologist"])
def test_the_archive_and_reconcilers_announce_studies(by: Any, world: World) -> None:
    notice_study(by=world.people[by] if isinstance(by, str) else by, archive_id="some-id")
    event = Event.objects.get(kind="study.noticed")
    assert event.payload["archive_id"] == "some-id"
    assert Delivery.objects.get(event=event).subscriber == "worklist.match"


@pytest.mark.parametrize("secret", ["", "Bearer wrong", "Basic a-secret", "a-secret"])
def test_the_hook_opens_only_to_its_secret(secret: str, db: None, settings: Settings) -> None:
    settings.HOOK_SECRET = "a-secret"
    body = {"event": "StableStudy", "id": "0a1b2c3d-0a1b2c3d-0a1b2c3d-0a1b2c3d-0a1b2c3d"}
    answer = Client().post("/hooks/orthanc", body, "application/json", headers={"Authorization": secret})
    assert (answer.status_code, Event.objects.count()) == (401, 0)


def test_without_a_secret_the_hook_is_closed(db: None, settings: Settings) -> None:
    settings.HOOK_SECRET = ""
    answer = Client().post("/hooks/orthanc", {}, "application/json", headers={"Authorization": "Bearer "})
    assert (answer.status_code, Event.objects.count()) == (401, 0)


def test_an_archive_that_is_away_is_asked_again_later(world: World, settings: Settings) -> None:
    settings.ORTHANC_URL = f"http://127.0.0.1:{free_port()}"
    notice_study(by=ORTHANC, study_uid="2.25.1")
    delivery = Delivery.objects.get()
    assert attempt(delivery.pk)
    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts) == ("pending", 1)
    with pytest.raises(DeliveryError) as failed:
        subscribers.match_noticed(delivery.event)
    assert not failed.value.permanent


@pytest.mark.orthanc
@pytest.mark.usefixtures("own_uids")
def test_a_notice_leads_to_the_study_through_the_real_archive(world: World, orthanc: Server) -> None:
    requested = world.requested()
    identifier = requested.order.patient.identifiers.get()
    image = ct(
        PatientID=identifier.value, PatientName=requested.order.patient.person_name, PatientBirthDate="19610517",
        AccessionNumber=requested.accession_number, StudyInstanceUID=new_uid(),
    )  # fmt: skip
    orthanc.archive().store([file_of(image)])
    row = orthanc.archive().study(image.StudyInstanceUID)
    assert row is not None
    notice_study(by=ORTHANC, archive_id=row.archive_id)
    assert attempt(Delivery.objects.get(event__kind="study.noticed").pk)
    study = Study.objects.get(study_instance_uid=image.StudyInstanceUID)
    link = StudyLink.objects.get(study=study)
    assert (study.state, link.evidence, link.linked_by) == ("matched", "same accession number", MATCHER.display)


@pytest.mark.orthanc
@pytest.mark.usefixtures("own_uids")
def test_a_measurement_in_the_real_archive_is_not_told_as_more_images(world: World, orthanc: Server) -> None:
    requested, study_uid = world.requested(), new_uid()
    identifier = requested.order.patient.identifiers.get()
    about = {
        "PatientID": identifier.value, "PatientName": requested.order.patient.person_name,
        "PatientBirthDate": "19610517", "AccessionNumber": requested.accession_number, "StudyInstanceUID": study_uid,
    }  # fmt: skip
    for modality, told in (("CT", False), ("SR", False), ("CT", True)):
        one = ct(**about, Modality=modality, SeriesInstanceUID=new_uid())
        orthanc.archive().store([file_of(one)])
        notice_study(by=ORTHANC, study_uid=study_uid)
        assert attempt(Delivery.objects.filter(event__kind="study.noticed").latest("pk").pk)
        task = ReadingTask.objects.filter(requested_procedures=requested).first()
        if task is None:
            performed(world, requested)
            task = claim(ReadingTask.objects.get(), by=world.radiologist)
        assert (task.images_added_at is not None) is told


@pytest.mark.orthanc
@pytest.mark.usefixtures("own_uids")
def test_a_study_that_cannot_be_taken_becomes_an_event_and_holds_up_no_other(
    world: World, orthanc: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    odd, plain = new_uid(), new_uid()
    for study_uid in (odd, plain):
        orthanc.archive().store([file_of(ct(StudyInstanceUID=study_uid, SeriesInstanceUID=new_uid()))])

    def strict(row: StudyRow, **more: Any) -> Study:
        if row.study_instance_uid == odd:
            raise ValueError("nobody thought of this")
        return note_study(row, **more)

    monkeypatch.setattr(subscribers, "note_study", strict)
    subscribers.poll()
    assert Study.objects.filter(study_instance_uid=plain).exists()
    rows = [
        orthanc.archive().study_by_archive_id(event.payload["archive_id"])
        for event in Event.objects.filter(kind="study.noticed")
    ]
    assert [row.study_instance_uid for row in rows if row] == [odd]
    monkeypatch.undo()
    assert attempt(Delivery.objects.filter(event__kind="study.noticed").latest("pk").pk)
    assert Study.objects.filter(study_instance_uid=odd).exists()


@pytest.mark.orthanc
@pytest.mark.usefixtures("own_uids")
def test_the_change_feed_finds_what_no_hook_told_of(world: World, orthanc: Server) -> None:
    requested = world.requested()
    identifier = requested.order.patient.identifiers.get()
    image = ct(
        PatientID=identifier.value, PatientName=requested.order.patient.person_name, PatientBirthDate="19610517",
        AccessionNumber=requested.accession_number, StudyInstanceUID=requested.study_instance_uid,
    )  # fmt: skip
    orthanc.archive().store([file_of(image)])
    subscribers.poll()
    assert Study.objects.get(study_instance_uid=requested.study_instance_uid).state == "matched"
    events = Event.objects.count()
    subscribers.poll()
    assert Event.objects.count() == events
