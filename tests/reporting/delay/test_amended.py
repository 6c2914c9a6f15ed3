"""Addenda and corrections wait like the report they are about, which stays what it was for everybody else."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from reporting.actions.amend import Typed, begin_amendment, save_amendment, sign_amendment, withdraw_report
from reporting.actions.critical import flag
from reporting.actions.sign import Proof
from reporting.amending.record import Amendment
from reporting.billing import charges
from reporting.calls.asking import reports_for
from reporting.delay.actions import recall_report, release_due, release_now
from reporting.delay.record import PublishDelay
from reporting.finding.record import ReportText
from reporting.models import Artifact, Report, ReportVersion
from reporting.panels import signed_reports
from reporting.printing.actions import print_reports
from reporting.verifying.asking import standing_of, verify_url
from ris.core.actors import SystemActor
from ris.core.errors import InvalidInput, NotPermitted, TransitionError
from ris.dashboards.following import follow
from ris.dashboards.models import ExamTimes
from ris.events.models import Delivery, Event
from ris.fhir.resources.reports import ReportStation
from ris.hl7.outgoing.models import OutgoingMessage
from ris.notifications.models import Message
from ris.orders.actions.changing import details_of, modify_order
from ris.orders.models import Order
from tests.exam import case, draft, sign
from tests.world import World
from worklist.models import ReadingTask

pytestmark = [pytest.mark.db, pytest.mark.usefixtures("signing_key")]
SYSTEM = SystemActor("delivery")


@pytest.fixture(autouse=True)
def delay(world: World) -> PublishDelay:
    return PublishDelay.objects.create(site=world.north, minutes=5)


@pytest.fixture
def report(world: World) -> Report:
    """A final report that has left, and that its referrer has read."""
    version = sign(draft(world), world.radiologist)
    release_now(version.report, by=world.radiologist)
    reader = Client()
    reader.force_login(world.referrer)
    assert reader.get(f"/reports/{version.report_id}/").status_code == 200
    return fresh(version.report)


def fresh(report: Report) -> Report:
    return Report.objects.select_related("task", "site").get(pk=report.pk)


def amended(report: Report, kind: str, world: World, *texts: str) -> ReportVersion:
    begun = begin_amendment(report, kind=kind, by=world.radiologist)
    said = [*texts, *[item["text"] for item in begun.texts][len(texts) :]]
    typed = Typed(said, seen=begun.base, reason="The side was wrong" if kind == "correction" else "")
    saved = save_amendment(begun, typed, revision=begun.revision, by=world.radiologist)
    return sign_amendment(saved, revision=saved.revision, proof=Proof(timezone.now()), by=world.radiologist)


def code_of(version: ReportVersion) -> str:
    return verify_url(version.report_id, version.number, version.content_sha256).rstrip("/").rsplit("/", 1)[1]


def word(version: ReportVersion) -> str:
    found = standing_of(code_of(version))
    assert found is not None
    return found.word


def outside(report: Report, world: World) -> dict[str, Any]:
    """All doors by which a result leaves the department, and what stands behind each."""
    accession = report.task.requested_procedures.get().accession_number
    reader = Client()
    reader.force_login(world.referrer)
    page = reader.get(f"/reports/{report.pk}/").content.decode()
    procedures = list(report.task.requested_procedures.values_list("pk", flat=True))
    own = ReportVersion.objects.filter(report=report).order_by("number")
    names = {bytes(Artifact.objects.get(version=one, kind="pdf").body): one.number for one in own}
    station = ReportStation()
    rows = station.whole(station.visible(world.radiologist).filter(pk=report.pk))
    return {
        "page": [one.number for one in own if f"version {one.number}<" in page],
        "state": page.split('class="page-header__text"')[1].split("</p>")[0].split(">")[-2].split("<")[0].strip(),
        "pdf": [one.number for one in own if reader.get(f"/reports/versions/{one.pk}/pdf/").status_code == 200],
        "api": [one["number"] for one in reader.get(f"/api/v1/reports/{report.pk}/").json()["versions"]],
        "fhir": [one.newest[0].number for one in rows],
        "file": [names[body] for _name, body in signed_reports(procedures)],
        "caller": [one.pk for one in reports_for(accession, world.referrer).reports],
        "index": sorted(ReportText.objects.filter(report=report, body__contains="benign").values_list("pk", flat=True)),
        "told": list(Event.objects.filter(kind__startswith="report.").order_by("pk").values_list("kind", flat=True)),
        "archive": Delivery.objects.filter(subscriber="reporting.archive").count(),
        "notices": Message.objects.filter(key__startswith=f"report/{report.pk}/").count(),
    }


@pytest.mark.parametrize("kind", ["addendum", "correction"])
def test_while_it_waits_everybody_else_has_the_report_as_it_was_and_then_the_new_one(
    world: World, report: Report, kind: str
) -> None:
    before = outside(report, world)
    assert before["pdf"] == before["page"] == before["api"] == before["fhir"] == before["file"] == [1]
    version = amended(report, kind, world, "The cyst is benign.")
    held = outside(report, world)
    assert held.pop("told") == [*before.pop("told"), "report.held"]
    assert held == before
    assert (word(version), word(ReportVersion.objects.get(report=report, number=1))) == ("waiting", "current")
    release_due(version, now=fresh(report).held_until or timezone.now(), by=SYSTEM)
    after = outside(report, world)
    assert (after["fhir"], after["file"], after["pdf"]) == ([2], [2], [1, 2])
    assert after["state"] == fresh(report).get_state_display() == fresh(report).task.report_state.capitalize()
    assert after["archive"] == before["archive"] + 1
    assert (after["index"], after["notices"]) == ([report.pk], 1)
    assert after["told"][-1] == {"addendum": "report.addended", "correction": "report.corrected"}[kind]
    assert (word(version), word(ReportVersion.objects.get(report=report, number=1))) == ("current", "superseded")


def test_what_was_recalled_never_left_and_is_its_writers_draft_again(world: World, report: Report) -> None:
    before = outside(report, world)
    version = amended(report, "addendum", world, "The cyst is benign.")
    client = Client()
    client.force_login(world.radiologist)
    assert "Signed, not released" in client.get(f"/reports/{report.pk}/").content.decode()
    answer = client.post(f"/reports/{report.pk}/recall/")
    assert answer["Location"] == f"/reports/{report.pk}/amend/addendum/"
    assert "The cyst is benign." in client.get(answer["Location"]).content.decode()
    release_due(version, now=timezone.now() + timedelta(hours=1), by=SYSTEM)
    after = outside(report, world)
    assert after.pop("told") == [*before.pop("told"), "report.held", "report.recalled"]
    assert after == before
    assert word(version) == "recalled"
    assert ReportVersion.objects.get(pk=version.pk).publication.archive_state == "withheld"
    second = amended(report, "addendum", world, "The cyst is benign, as in 2019.")
    assert (second.number, second.content["original"]["number"]) == (3, 1)
    assert [one["number"] for one in second.content["addenda"]] == [1]
    assert Amendment.objects.get(report=report).state == "signed"


def test_only_one_version_waits_at_a_time_and_only_its_signer_takes_it_back(world: World, report: Report) -> None:
    amended(report, "addendum", world, "The cyst is benign.")
    with pytest.raises(TransitionError, match="not been released"):
        begin_amendment(fresh(report), kind="correction", by=world.radiologist)
    with pytest.raises(NotPermitted):
        recall_report(fresh(report), by=world.resident)


def test_a_withdrawal_waits_for_nobody_and_what_waited_never_leaves(world: World, report: Report) -> None:
    version = amended(report, "addendum", world, "The cyst is benign.")
    withdraw_report(report, reason="Wrong patient", proof=Proof(timezone.now()), by=world.radiologist)
    assert (fresh(report).state, fresh(report).held_until) == ("entered-in-error", None)
    assert ReportVersion.objects.get(pk=version.pk).recall.by_name == world.radiologist.display
    told = list(Event.objects.filter(kind__startswith="report.").order_by("pk").values_list("kind", flat=True))
    assert told[-2:] == ["report.recalled", "report.withdrawn"]
    assert "report.addended" not in told


def test_what_waits_is_neither_told_nor_printed(world: World) -> None:
    version = sign(draft(world), world.radiologist)
    held = fresh(version.report)
    accession = held.task.requested_procedures.get().accession_number
    for asker in (world.radiologist, world.referrer):
        assert reports_for(accession, asker).reports == []
    with pytest.raises(InvalidInput, match="released are printed"):
        print_reports([held], by=world.radiologist)
    assert not OutgoingMessage.objects.exists()
    today = version.created_at.date()
    days = (today - timedelta(days=1), today + timedelta(days=1))
    assert list(charges(world.north, *days)) == []
    release_now(held, by=world.radiologist)
    assert {one.event for one in charges(world.north, *days)} == {"signed"}
    assert reports_for(accession, world.referrer).reports == [held]
    follow()
    assert ExamTimes.objects.get().signed_at == version.created_at, "turnaround ends with the signature"


def test_a_preliminary_report_stays_readable_while_the_final_one_waits(world: World) -> None:
    first = sign(draft(world, by=world.resident), world.resident, "preliminary")
    task = ReadingTask.objects.get(pk=first.report.task_id)
    second = sign(draft(world, task=task), world.radiologist, grade="minor")
    reader = Client()
    reader.force_login(world.referrer)
    page = reader.get(f"/reports/{first.report_id}/").content.decode()
    assert ("Preliminary" in page, "Final" in page, "not released" in page) == (True, False, False)
    assert reader.get(f"/reports/versions/{second.pk}/pdf/").status_code == 404
    assert reader.get(f"/api/v1/reports/{first.report_id}/").json()["state"] == "preliminary"
    assert reports_for(first.accession_numbers[0], world.referrer).reports == [], "a caller is told final reports alone"


def test_a_finding_that_is_flagged_while_the_report_waits_lets_it_go(world: World) -> None:
    version = sign(draft(world), world.radiologist)
    assert fresh(version.report).held_until is not None
    flag(version.report.task, category=1, finding="Bleeding", recipient="Dr. Ward", by=world.radiologist)
    assert fresh(version.report).held_until is None
    assert Event.objects.get(kind="report.signed").payload == {"version_id": version.pk}
    assert Report.objects.visible_to(world.referrer).exists()


def test_an_order_that_becomes_urgent_lets_its_report_go_and_no_other(world: World) -> None:
    urgent, other = draft(world), draft(world, task=case(world, world.requested(world.order())))
    first, second = sign(urgent, world.radiologist), sign(other, world.radiologist)
    Order.objects.filter(procedures__reading_tasks=urgent.task_id).update(state="in-progress")  # more of it is to come
    order = Order.objects.get(procedures__reading_tasks=urgent.task_id)
    modify_order(order, details=details_of(order, priority="STAT"), revision=order.revision, by=world.clerk)
    assert (fresh(first.report).held_until, fresh(second.report).held_until is None) == (None, False)
