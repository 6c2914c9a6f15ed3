"""A preliminary report of the wrong patient was sent like any other, and is taken back like any other."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import timezone

from reporting.actions import open_report, save_draft
from reporting.actions.amend import withdraw_report
from reporting.actions.filing import rejected_by
from reporting.actions.returning import return_to_author
from reporting.actions.sign import Proof
from reporting.delay.record import PublishDelay
from reporting.lifecycle import ARCHIVING
from reporting.models import Publication, Report, ReportVersion
from reporting.publish.hidden import hidden_series
from ris.core.errors import NotPermitted, TransitionError
from ris.events.models import Event
from ris.notifications.models import Message
from tests.exam import draft, sign
from tests.ris.hl7.outgoing import destination, messages
from tests.world import World
from worklist.actions.reading import claim
from worklist.actions.wrong_patient import wrong_patient
from worklist.models import ReadingTask, Study
from worklist.reading.turns import ReadingTurn

pytestmark = [pytest.mark.db, pytest.mark.usefixtures("signing_key")]
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


def fresh(report: Report) -> Report:
    return Report.objects.select_related("task__patient", "site", "template").get(pk=report.pk)


def withdrawn(report: Report, world: World) -> ReportVersion:
    proof = Proof(timezone.now())
    return withdraw_report(fresh(report), reason="Another patient lay there", proof=proof, by=world.radiologist)


def taken(world: World, report: Report) -> None:
    claim(ReadingTask.objects.get(pk=report.task_id), by=world.radiologist)


def changed(world: World, report: Report) -> None:
    taken(world, report)
    said = {"findings": "A nodule in the left upper lobe."}
    save_draft(fresh(report), revision=fresh(report).revision, sections=said, by=world.radiologist)


def returned(world: World, report: Report) -> None:
    return_to_author(fresh(report), comment="Whose images are these?", by=world.radiologist)


def closed(world: World, report: Report) -> None:
    step = report.task.requested_procedures.get().steps.get()
    wrong_patient(step, reason="Another patient lay there", by=world.technologist)


def waiting(world: World, report: Report) -> None:
    """The final one is signed, and not released."""
    PublishDelay.objects.create(site=world.north, minutes=5)
    taken(world, report)
    sign(fresh(report), world.radiologist, grade="none")


@pytest.mark.parametrize("situation", [lambda *_: None, taken, changed, returned, closed, waiting])
def test_it_counts_no_more_whoever_has_the_case_and_whatever_became_of_its_images(
    world: World, situation: Callable[[World, Report], None]
) -> None:
    destination(world.north)
    report = sign(draft(world, by=world.resident), world.resident, "preliminary").report
    situation(world, report)
    version = withdrawn(report, world)
    task, after = ReadingTask.objects.get(pk=report.task_id), fresh(report)
    assert (after.state, after.outward_state, after.held_until) == ("entered-in-error", "entered-in-error", None)
    assert (task.state, task.claimed_by, task.report_state) == ("waiting", None, "")
    assert task.held == (situation is closed)
    assert not ReadingTurn.objects.filter(task=task, ended="").exists()
    assert version.content["supersedes"]["kind"] == "preliminary"
    assert [one.first("OBR").text(25) for one in messages("report")] == ["P", "X"]
    told = Event.objects.filter(kind__in=("report.signed", "report.withdrawn")).order_by("pk")
    assert list(told.values_list("kind", flat=True)) == ["report.signed", "report.withdrawn"]
    recalled = report.versions.filter(recall__isnull=False)
    assert [one.kind for one in recalled] == (["final"] if situation is waiting else [])
    if situation is not closed:
        assert open_report(claim(task, by=world.resident), by=world.resident).pk != report.pk


def test_its_document_is_rejected_in_the_archive_and_shown_to_nobody(world: World) -> None:
    first = sign(draft(world, by=world.resident), world.resident, "preliminary")
    place = ARCHIVING.advance(Publication.objects.get(version=first), "confirm", archived_at=timezone.now())
    note = withdrawn(first.report, world)
    assert [one.sop_instance_uid for one in rejected_by(note)] == [place.sop_instance_uid]
    study = Study.objects.get().pk
    assert place.series_instance_uid in hidden_series([study])[study]


def test_a_system_that_takes_no_preliminary_reports_hears_of_none_that_was_withdrawn(world: World) -> None:
    destination(world.north, preliminary=False)
    report = sign(draft(world), world.radiologist).report
    withdrawn(report, world)
    again = draft(world, by=world.resident, task=ReadingTask.objects.get(pk=report.task_id))
    withdrawn(sign(again, world.resident, "preliminary").report, world)
    assert [one.first("OBR").text(25) for one in messages("report")] == ["F", "X"]


def test_the_ward_that_read_it_is_told_and_its_page_offers_it_to_those_who_sign_final(
    world: World, client: Client
) -> None:
    report = sign(draft(world, by=world.resident), world.resident, "preliminary").report
    client.force_login(world.referrer, BACKEND)
    assert "withdraw/" not in client.get(f"/reports/{report.pk}/").content.decode()
    client.force_login(world.radiologist, BACKEND)
    assert f"/reports/{report.pk}/withdraw/" in client.get(f"/reports/{report.pk}/").content.decode()
    assert client.get(f"/reports/{report.pk}/withdraw/").status_code == 200
    withdrawn(report, world)
    told = Message.objects.shown_to(world.referrer).values_list("subject", flat=True)
    assert list(told) == ["A report that you have read was withdrawn"]
    client.force_login(world.referrer, BACKEND)
    fhir = client.get(f"/fhir/DiagnosticReport/{report.pk}", headers={"accept": "application/fhir+json"}).json()
    assert fhir["status"] == "entered-in-error"


def test_a_final_report_that_nobody_was_sent_is_recalled_and_not_withdrawn(world: World) -> None:
    PublishDelay.objects.create(site=world.north, minutes=5)
    report = sign(draft(world), world.radiologist).report
    with pytest.raises(TransitionError, match="not been released"):
        withdrawn(report, world)
    assert fresh(report).state == "final"


def test_who_does_not_sign_final_withdraws_none(world: World) -> None:
    report = sign(draft(world, by=world.resident), world.resident, "preliminary").report
    with pytest.raises(NotPermitted):
        withdraw_report(report, reason="Mine", proof=Proof(timezone.now()), by=world.resident)
    assert fresh(report).state == "preliminary"
