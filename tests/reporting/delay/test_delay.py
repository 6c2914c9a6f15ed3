"""A signed report that waits: nothing of it leaves, its signer may take it back, and then it never left."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from django.utils import timezone

from reporting.actions import save_draft
from reporting.actions.amend import begin_amendment
from reporting.actions.critical import flag
from reporting.delay.actions import recall_report, release_due, release_now
from reporting.delay.record import PublishDelay, Recall
from reporting.finding.record import ReportText
from reporting.models import Report, ReportVersion
from reporting.panels import report_facts, signed_reports
from ris.audit.models import AuditEvent
from ris.core.actors import SystemActor
from ris.core.errors import NotPermitted, TransitionError
from ris.events.models import Delivery, Event
from ris.fhir.resources.reports import ReportStation
from ris.orders.models import Order
from tests.api.conftest import program_of
from tests.exam import FINDINGS, case, draft, sign
from tests.world import World
from worklist.actions.reading import claim
from worklist.actions.wet_reads import wet_read
from worklist.models import ReadingTask

pytestmark = [pytest.mark.db, pytest.mark.usefixtures("signing_key")]
SYSTEM = SystemActor("delivery")


@pytest.fixture(autouse=True)
def delay(world: World) -> PublishDelay:
    return PublishDelay.objects.create(site=world.north, minutes=5)


def signed(world: World) -> ReportVersion:
    return sign(draft(world), world.radiologist)


def fresh(report: Report) -> Report:
    return Report.objects.select_related("task").get(pk=report.pk)


def kinds() -> set[str]:
    return set(Event.objects.filter(kind__startswith="report.").values_list("kind", flat=True))


def test_nothing_leaves_while_a_signed_report_waits(world: World) -> None:
    version = signed(world)
    report = fresh(version.report)
    assert report.held_until is not None
    assert timedelta(minutes=4) < report.held_until - timezone.now() <= timedelta(minutes=5)
    assert "report.signed" not in kinds()
    assert not Delivery.objects.filter(subscriber="reporting.archive").exists()
    waiting = Delivery.objects.get(subscriber="reporting.release")
    assert waiting.next_at > timezone.now() + timedelta(minutes=4)
    assert not Report.objects.visible_to(world.referrer).exists()
    assert [facts["leaves_at"] for facts in report_facts(report.task)] == [report.held_until]
    assert not ReportText.objects.exists()
    procedures = list(report.task.requested_procedures.values_list("pk", flat=True))
    assert signed_reports(procedures) == []
    assert Report.objects.visible_to(world.radiologist).get() == report


def test_the_ward_is_told_of_a_signature_only_once_it_has_left(world: World, client: Client) -> None:
    task = case(world)
    wet_read(task, text="No bleeding.", told_to="Dr. Ward", by=world.resident)
    version = sign(draft(world, task=task), world.radiologist)
    client.force_login(world.radiologist)
    ward, program = "/worklist/reading/wet-reads/", program_of(world.radiologist)

    page = client.get(ward).content.decode()
    assert "The report is still to come." in page
    assert "it counts" not in page
    assert [one["report_state"] for one in program.get("/api/v1/wet-reads/").json()["results"]] == ["draft"]

    release_now(version.report, by=world.radiologist)
    assert "A final report is signed: it counts." in client.get(ward).content.decode()
    assert [one["report_state"] for one in program.get("/api/v1/wet-reads/").json()["results"]] == ["final"]


def test_when_the_time_is_over_it_leaves_once(world: World) -> None:
    version = signed(world)
    release_due(version, now=timezone.now(), by=SYSTEM)
    assert "report.signed" not in kinds(), "too early"
    for _again in range(2):
        release_due(version, now=timezone.now() + timedelta(minutes=6), by=SYSTEM)
    assert Event.objects.filter(kind="report.signed").count() == 1
    assert Delivery.objects.filter(subscriber="reporting.archive").count() == 1
    assert Report.objects.visible_to(world.referrer).get().held_until is None
    assert ReportText.objects.get().report_id == version.report_id


def test_what_was_recalled_never_leaves_and_is_its_signers_to_change(world: World) -> None:
    version = signed(world)
    recall_report(version.report, by=world.radiologist)
    report = fresh(version.report)
    assert (report.state, report.held_until, report.task.state) == ("draft", None, "drafted")
    assert report.task.claimed_by_id == world.radiologist.pk
    version = ReportVersion.objects.get(pk=version.pk)
    assert (version.publication.archive_state, version.recall.by_name) == ("withheld", world.radiologist.display)
    release_due(version, now=timezone.now() + timedelta(hours=1), by=SYSTEM)
    assert "report.signed" not in kinds()
    assert not Report.objects.visible_to(world.referrer).exists()
    assert report_facts(report.task) == []
    row = AuditEvent.objects.get(action="report.recalled")
    assert row.target_id == str(report.pk)

    save_draft(report, revision=report.revision, sections={"impression": "Nothing."}, by=world.radiologist)
    second = sign(fresh(report), world.radiologist)
    assert (second.number, second.previous_sha256) == (2, version.content_sha256)
    release_due(version, now=timezone.now() + timedelta(hours=1), by=SYSTEM)
    assert "report.signed" not in kinds(), "the delivery of the recalled one releases nothing"
    release_now(second.report, by=world.radiologist)
    assert Event.objects.get(kind="report.signed").payload == {"version_id": second.pk}


def test_a_recalled_report_that_was_preliminary_is_that_again_with_its_grade_to_give(world: World) -> None:
    task = case(world)
    first = sign(draft(world, by=world.resident, task=task), world.resident, "preliminary")
    assert Event.objects.filter(kind="report.signed").count() == 1, "a preliminary report does not wait"
    claim(ReadingTask.objects.get(pk=task.pk), by=world.radiologist)
    sign(fresh(first.report), world.radiologist, grade="minor")
    recall_report(first.report, by=world.radiologist)
    report = fresh(first.report)
    assert report.state == "preliminary"
    assert report.newest_in_force == first
    assert Report.objects.visible_to(world.referrer).get() == report
    assert sign(report, world.radiologist, grade="minor").number == 3


def test_only_who_signed_recalls_and_only_while_it_waits(world: World) -> None:
    version = signed(world)
    with pytest.raises(NotPermitted):
        recall_report(version.report, by=world.resident)
    with pytest.raises(TransitionError, match="not been released"):
        begin_amendment(version.report, kind="addendum", by=world.radiologist)
    release_now(version.report, by=world.radiologist)
    with pytest.raises(TransitionError, match="has been released"):
        recall_report(version.report, by=world.radiologist)
    begin_amendment(version.report, kind="addendum", by=world.radiologist)


def test_what_is_urgent_or_critical_does_not_wait(world: World) -> None:
    stat = draft(world)
    Order.objects.update(priority="STAT")
    ReadingTask.objects.filter(pk=stat.task_id).update(priority="STAT")
    assert fresh(sign(stat, world.radiologist).report).held_until is None
    critical = draft(world, task=case(world, world.requested(world.order())))
    flag(critical.task, category=1, finding="Bleeding", recipient="Dr. Ward", by=world.radiologist)
    assert fresh(sign(critical, world.radiologist).report).held_until is None


def test_a_recall_cannot_be_taken_back_in_the_database(world: World) -> None:
    version = signed(world)
    recall_report(version.report, by=world.radiologist)
    with pytest.raises(DatabaseError), transaction.atomic():
        Recall.objects.all().delete()


def test_the_page_says_when_it_leaves_and_recalls_it(world: World) -> None:
    version = signed(world)
    client = Client()
    client.force_login(world.radiologist)
    page = client.get(f"/reports/{version.report_id}/").content.decode()
    assert "Leaves in 5 min" in page
    assert "Not released yet" in page
    answer = client.post(f"/reports/{version.report_id}/recall/")
    assert answer["Location"] == f"/reading/{version.report.task_id}/"
    report = fresh(version.report)
    assert report.content["sections"]["findings"] == FINDINGS["findings"]
    status = client.get(f"/reports/{report.pk}/status/").content.decode()
    assert "recalled before release" in status
    assert "Never left" in status


def test_what_was_recalled_from_a_preliminary_report_is_not_for_those_who_only_read(world: World) -> None:
    task = case(world)
    first = sign(draft(world, by=world.resident, task=task), world.resident, "preliminary")
    claim(ReadingTask.objects.get(pk=task.pk), by=world.radiologist)
    second = sign(fresh(first.report), world.radiologist, grade="minor")
    recall_report(first.report, by=world.radiologist)
    client = Client()
    client.force_login(world.referrer)
    assert client.get(f"/reports/versions/{first.pk}/pdf/").status_code == 200
    assert client.get(f"/reports/versions/{second.pk}/pdf/").status_code == 404
    assert "version 2" not in client.get(f"/reports/{first.report_id}/").content.decode()


def test_a_program_is_not_given_what_waits_even_with_its_signers_rights(world: World) -> None:
    version = signed(world)
    assert not ReportStation().visible(world.radiologist).exists()
    release_now(version.report, by=world.radiologist)
    assert ReportStation().visible(world.radiologist).get().pk == version.report_id
