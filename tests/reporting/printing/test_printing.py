"""Reports on paper: in one file, as they were signed, on record, and the second print says that it is one."""

from __future__ import annotations

from io import BytesIO

import pytest
from django.test import Client
from pypdf import PdfReader

from reporting.delay.record import PublishDelay
from reporting.models import Artifact, Report
from ris.audit.models import AuditEvent
from ris.scheduling.models import ScheduledProcedureStep
from tests.exam import case, draft, sign
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


def test_what_has_not_been_released_is_not_printed(world: World, client: Client) -> None:
    PublishDelay.objects.create(site=world.north, minutes=5)
    waiting = signed(world, "Aalto")
    answer = client.post("/reports/print/file/", {"report": str(waiting.pk)})
    assert answer.status_code == 422
    assert not AuditEvent.objects.filter(action="report.put-on-paper").exists()
