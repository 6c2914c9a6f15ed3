"""Reports on paper: in one file, as they were signed, on record, and the second print says that it is one."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from io import BytesIO

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pypdf import PdfReader

from reporting.actions.amend import Typed, begin_amendment, save_amendment, sign_amendment, withdraw_report
from reporting.actions.sign import Proof
from reporting.delay.record import PublishDelay
from reporting.models import Artifact, Report
from reporting.printing import views
from reporting.printing.actions import print_reports
from ris.audit.models import AuditEvent
from ris.notifications.models import Message
from ris.scheduling.models import ScheduledProcedureStep
from tests.exam import case, draft, sign
from tests.reporting.verifying.test_verify_reports import bent
from tests.world import World

pytestmark = [pytest.mark.db, pytest.mark.usefixtures("signing_key")]


@pytest.fixture
def client(world: World) -> Client:
    client = Client()
    client.force_login(world.referrer)
    return client


def signed(world: World, family: str) -> Report:
    requested = world.requested(world.order(world.patient(family)))
    return sign(draft(world, task=case(world, requested)), world.radiologist).report


def pages(client: Client, *reports: Report) -> list[str]:
    answer = client.post("/reports/print/file/", {"report": [str(report.pk) for report in reports]})
    assert answer.headers["Content-Type"] == "application/pdf"
    return [page.extract_text() for page in PdfReader(BytesIO(answer.content)).pages]


def test_several_reports_are_one_file_and_a_second_print_is_marked(world: World, client: Client) -> None:
    first, second = signed(world, "Aalto"), signed(world, "Berg")
    alone = pages(client, first)
    assert len(alone) == 1
    kept = PdfReader(BytesIO(bytes(Artifact.objects.get(version__report=first, kind="pdf").body)))
    assert alone[0] == kept.pages[0].extract_text()
    both = pages(client, first, second)
    assert [("Aalto" in text, "Berg" in text, "COPY" in text) for text in both] == [
        (False, True, False), (True, False, True),
    ]  # fmt: skip
    rows = AuditEvent.objects.filter(action="report.put-on-paper").order_by("pk")
    found = [(row.target_id, row.detail["copy"]) for row in rows]
    assert found == [(str(first.pk), False), (str(second.pk), False), (str(first.pk), True)]


def test_a_wards_reports_are_offered_together(world: World, client: Client) -> None:
    signed(world, "Aalto")
    in_bed = signed(world, "Berg")
    step = ScheduledProcedureStep.objects.get(requested_procedure__reading_tasks=in_bed.task)
    ScheduledProcedureStep.objects.filter(pk=step.pk).update(ward="4 West")
    page = client.get("/reports/print/", {"ward": "4 West"}).content.decode()
    assert "Berg" in page
    assert "Aalto" not in page
    assert "Aalto" in client.get("/reports/print/").content.decode()


def told(world: World) -> list[str]:
    rows = Message.objects.shown_to(world.referrer).filter(key__startswith="report/")
    return list(rows.values_list("subject", flat=True))


def test_whoever_put_a_report_on_paper_hears_that_it_says_something_else(world: World) -> None:
    report = signed(world, "Aalto")
    print_reports([report], by=world.referrer)
    withdraw_report(report, reason="Another patient", proof=Proof(timezone.now()), by=world.radiologist)
    assert told(world) == ["A report that you have read was withdrawn"]


def test_days_are_the_days_of_the_site(world: World, client: Client) -> None:
    """What was signed at 00:30 in Auckland is today's there, and yesterday's by the server's clock."""
    world.north.time_zone = "Pacific/Auckland"
    world.north.save(update_fields=["time_zone"])
    report = signed(world, "Aalto")
    with bent():
        report.versions.update(created_at=datetime(2026, 3, 4, 11, 30, tzinfo=UTC))
    assert "Aalto" in client.get("/reports/print/", {"since": "2026-03-05"}).content.decode()
    assert "Aalto" not in client.get("/reports/print/", {"since": "2026-03-06"}).content.decode()


def test_a_version_that_waits_makes_no_report_todays(world: World, client: Client) -> None:
    report = signed(world, "Aalto")
    with bent():
        report.versions.update(created_at=timezone.now() - timedelta(days=3))
    PublishDelay.objects.create(site=world.north, minutes=5)
    begun = begin_amendment(report, kind="addendum", by=world.radiologist)
    begun = save_amendment(begun, Typed(["Benign."], seen=1), revision=begun.revision, by=world.radiologist)
    sign_amendment(begun, revision=begun.revision, proof=Proof(timezone.now()), by=world.radiologist)
    assert "Aalto" not in client.get("/reports/print/").content.decode()


def test_a_list_that_was_cut_says_so(world: World, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "MOST", 1)
    signed(world, "Aalto")
    assert "there are more" not in client.get("/reports/print/").content.decode()
    signed(world, "Berg")
    page = client.get("/reports/print/").content.decode()
    assert "newest 1; there are more" in page
    assert page.count('name="report"') == 1


def test_many_reports_are_asked_for_together(world: World) -> None:
    reports = [signed(world, family) for family in ("Aalto", "Berg", "Clausen")]
    counts = []
    for some in (reports[:1], reports):
        kept = [Report.objects.select_related("task").get(pk=one.pk) for one in some]
        with CaptureQueriesContext(connection) as asked:
            print_reports(kept, by=world.referrer)
        counts.append(sum(query["sql"].lstrip().upper().startswith("SELECT") for query in asked))
    assert counts[0] == counts[1]


@pytest.mark.django_db(transaction=True)
def test_of_two_prints_at_once_one_is_the_copy(live_world: World) -> None:
    report, gate = signed(live_world, "Aalto"), threading.Barrier(2)

    def put_on_paper() -> str:
        gate.wait()
        try:
            pdf = print_reports([Report.objects.get(pk=report.pk)], by=live_world.referrer)
            return PdfReader(BytesIO(pdf)).pages[0].extract_text()
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as threads:
        papers = [one.result() for one in [threads.submit(put_on_paper) for _ in range(2)]]
    assert sorted("COPY" in paper for paper in papers) == [False, True]


def test_what_has_not_been_released_is_not_printed(world: World, client: Client) -> None:
    PublishDelay.objects.create(site=world.north, minutes=5)
    waiting = signed(world, "Aalto")
    answer = client.post("/reports/print/file/", {"report": str(waiting.pk)})
    assert answer.status_code == 422
    assert not AuditEvent.objects.filter(action="report.put-on-paper").exists()
