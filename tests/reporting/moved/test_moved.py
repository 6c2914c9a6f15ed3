"""Images that are moved away from a signed report: its signer is told, and whoever reads it sees it in words."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils import timezone

from reporting.actions.amend import Typed, begin_amendment, save_amendment, sign_amendment
from reporting.actions.sign import Proof
from reporting.models import Report
from reporting.moved.reading import ANOTHERS, CLOSED, WAITING, moved_images
from reporting.numbers import numbers_of
from reporting.publish.hidden import hidden_series
from reporting.publish.uids import document_place
from ris.audit.models import AuditEvent
from ris.events import outbox
from ris.notifications.models import Message
from tests.api.conftest import program_of
from tests.exam import draft, sign
from tests.world import World
from worklist.actions import decisions
from worklist.actions.series import give_series
from worklist.actions.wrong_patient import wrong_patient
from worklist.exam.record import ReceivedSeries
from worklist.models import Study, StudyLink

pytestmark = [pytest.mark.django_db, pytest.mark.db, pytest.mark.usefixtures("signing_key")]

WHY = "The wristband was read wrongly"
SAYS = "Images were moved away after this report was signed."


@pytest.fixture
def signed(world: World) -> Report:
    report = draft(world)
    sign(report, by=world.radiologist)
    outbox.sweep()
    return Report.objects.get()


def moved_to_another(world: World) -> Study:
    """Everything was the next patient's: the images go to their exam, which waits for some."""
    study = Study.objects.get()
    requested = world.requested(world.order(world.patient("Yılmaz", "Elif")))
    decisions.link(study, requested, reason=WHY, by=world.technologist, moves=True)
    outbox.sweep()
    return study


def test_a_reader_of_the_report_sees_it_in_words(world: World, client: Client, signed: Report) -> None:
    client.force_login(world.radiologist)
    assert SAYS not in client.get(f"/reports/{signed.pk}/").content.decode()
    moved_to_another(world)
    page = client.get(f"/reports/{signed.pk}/").content.decode()
    assert SAYS in page
    assert f"by {world.technologist.display}. {ANOTHERS}" in page
    assert "Yılmaz" not in page
    assert "Its images were moved away since" in client.get(f"/patients/{signed.task.patient_id}/").content.decode()
    assert SAYS in client.get(f"/reports/cases/{signed.task_id}/panel/").content.decode()


def test_series_that_go_to_another_patient_warn_of_the_report_until_they_are_back(
    world: World, client: Client, signed: Report
) -> None:
    study = Study.objects.get()
    for at in (1, 2):
        ReceivedSeries.objects.create(study=study, series_instance_uid=f"2.25.77{at}", modality="CT", images=60)
    hers = world.requested(world.order(world.patient("Yılmaz", "Elif")))
    given = give_series(study, hers, series=["2.25.772"], reason=WHY, by=world.technologist)
    outbox.sweep()
    (moved,) = moved_images(signed)
    assert (moved.study, moved.series, moved.where, moved.by) == (study, 1, ANOTHERS, world.technologist.display)
    client.force_login(world.radiologist)
    page = client.get(f"/reports/{signed.pk}/").content.decode()
    assert SAYS in page
    assert "1 of its series" in page
    assert Message.objects.filter(subject="Images of a report that you signed were moved away").count() == 1
    (told,) = program_of(world.radiologist).get(f"/api/v1/reports/{signed.pk}/").json()["moved_images"]
    assert told["series"] == 1

    decisions.undo(given, reason="They are his", by=world.technologist)
    outbox.sweep()
    assert moved_images(signed) == []
    assert Message.objects.filter(subject="Images of a report that you signed are back").count() == 1


def test_who_signed_is_told_once_and_the_trail_says_so(world: World, signed: Report) -> None:
    study = moved_to_another(world)
    outbox.sweep()
    told = Message.objects.get(link=f"/reports/{signed.pk}/")
    assert (told.recipient, told.subject) == (world.radiologist, "Images of a report that you signed were moved away")
    assert signed.versions.get().accession_numbers[0] in told.text
    row = AuditEvent.objects.get(action="report.images-moved")
    assert (row.target_id, row.study_uid) == (str(signed.pk), study.study_instance_uid)


def test_programs_are_told_as_the_page_tells(world: World, signed: Report) -> None:
    program, at = program_of(world.radiologist), f"/api/v1/reports/{signed.pk}/"
    before = program.get(at).json()
    assert (before["images_moved"], before["moved_images"]) == (False, [])
    study = moved_to_another(world)
    (listed,) = program.get("/api/v1/reports/").json()["results"]
    assert listed["images_moved"] is True
    (moved,) = program.get(at).json()["moved_images"]
    assert (moved["study_instance_uid"], moved["where"]) == (study.study_instance_uid, ANOTHERS)
    assert moved["by"] == world.technologist.display


def test_its_document_is_shown_to_nobody_under_the_other_patient(world: World, signed: Report) -> None:
    document = document_place(signed.pk, 1, "final").series_uid
    study = Study.objects.get()
    assert hidden_series([study.pk]) == {}
    moved_to_another(world)
    assert document in hidden_series([study.pk])[study.pk]
    decisions.undo(study.decisions.get(), reason="It was the other one", by=world.technologist)
    assert hidden_series([study.pk]) == {}


def test_taking_the_move_back_ends_it_and_is_told_too(world: World, signed: Report) -> None:
    study = moved_to_another(world)
    decisions.undo(study.decisions.get(), reason="It was the other one", by=world.technologist)
    outbox.sweep()
    assert moved_images(signed) == []
    assert Message.objects.filter(subject="Images of a report that you signed are back").count() == 1
    assert AuditEvent.objects.filter(action="report.images-back").count() == 1


def test_images_reported_as_another_patients_and_images_in_the_queue_say_so(world: World, signed: Report) -> None:
    study = Study.objects.get()
    decision = decisions.unlink(study, reason=WHY, by=world.technologist)
    assert [one.where for one in moved_images(signed)] == [WAITING]
    decisions.undo(decision, reason="It was right", by=world.technologist)
    wrong_patient(signed.task.requested_procedures.get().steps.get(), reason=WHY, by=world.technologist)
    signed.refresh_from_db()
    assert [(one.where, one.by) for one in moved_images(signed)] == [(CLOSED, world.technologist.display)]


def test_a_draft_has_a_banner_of_its_own(world: World) -> None:
    report = draft(world)
    decisions.unlink(Study.objects.get(), reason=WHY, by=world.technologist)
    outbox.sweep()
    seen = numbers_of(Report.objects.select_related("task").get())
    assert (seen["moved"], seen["images_closed"]) == ([], True)
    assert not Message.objects.filter(link=f"/reports/{report.pk}/").exists()


def test_a_draft_says_another_patients_only_of_images_that_are(world: World, client: Client) -> None:
    report, study = draft(world), Study.objects.get()
    client.force_login(world.radiologist)

    def pane() -> str:
        return client.get(f"/reports/cases/{report.task_id}/panel/").content.decode()

    decision = decisions.unlink(study, reason="They are the phantom's", by=world.technologist)
    assert "Images of this case were another patient’s" not in pane()
    assert "Images were taken out of this case" in pane()
    assert "None is left" in pane()
    decisions.undo(decision, reason="They are hers", by=world.technologist)
    assert "Read what is written against the images that are there now" in pane()
    moved_to_another(world)
    assert "Images of this case were another patient’s" in pane()


def test_a_newer_version_answers_for_what_was_gone(world: World, signed: Report) -> None:
    moved_to_another(world)
    assert [one.where for one in moved_images(signed)] == [ANOTHERS]
    added = begin_amendment(signed, kind="addendum", by=world.radiologist)
    typed = Typed(["Not of this patient's images."], seen=1)
    saved = save_amendment(added, typed, revision=added.revision, by=world.radiologist)
    newer = sign_amendment(saved, revision=saved.revision, proof=Proof(timezone.now()), by=world.radiologist)
    StudyLink.objects.filter(active=False).update(ended_at=newer.created_at)  # versions bear whole seconds
    assert moved_images(Report.objects.get()) == []
