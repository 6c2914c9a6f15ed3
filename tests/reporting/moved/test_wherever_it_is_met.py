"""A report whose images were closed as another patient's says so on paper, on the phone, in lists and by its code."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO

import pytest
from django.test import Client
from pypdf import PdfReader

from reporting.models import Artifact, Report
from reporting.panels import signed_reports
from reporting.verifying.asking import standing_of, verify_url
from ris.audit.models import AuditEvent
from tests.api.conftest import program_of
from tests.exam import case, draft, sign
from tests.world import World
from worklist.actions import decisions
from worklist.actions.wrong_patient import wrong_patient
from worklist.models import Study

pytestmark = [pytest.mark.db, pytest.mark.django_db, pytest.mark.usefixtures("signing_key")]
SAYS = "Its images were moved away since"
WHY = "Another patient lay there"
Lost = Callable[[World, Report], None]


@pytest.fixture
def signed(world: World) -> Report:
    return sign(draft(world), world.radiologist).report


@pytest.fixture
def ward(world: World) -> Client:
    client = Client()
    client.force_login(world.referrer)
    return client


def closed(world: World, report: Report) -> None:
    wrong_patient(report.task.requested_procedures.get().steps.get(), reason=WHY, by=world.technologist)


def unlinked(world: World, report: Report) -> None:
    decisions.unlink(Study.objects.get(), reason=WHY, by=world.technologist)


def code_of(report: Report) -> str:
    version = report.versions.get()
    return verify_url(report.pk, version.number, version.content_sha256).rstrip("/").rsplit("/", 1)[1]


def printed(ward: Client, report: Report) -> list[bool]:
    """Of each page, whether it bears the mark."""
    answer = ward.post("/reports/print/file/", {"report": [str(report.pk)]})
    return [is_marked(page.extract_text()) for page in PdfReader(BytesIO(answer.content)).pages]


def is_marked(text: str) -> bool:
    return "UNDER REVIEW" in text


def text(client: Client, where: str, **query: str) -> str:
    answer = client.get(where, query)
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.parametrize("lost", [closed, unlinked])
def test_who_scans_the_code_and_who_opens_the_pdf_is_told(
    world: World, ward: Client, signed: Report, lost: Lost
) -> None:
    found = standing_of(code_of(signed))
    assert found is not None
    assert found.word == "current"
    lost(world, signed)
    page = text(Client(), f"/reports/verify/{code_of(signed)}/")
    assert "This report is under review" in page
    assert signed.task.patient.family_name not in page
    version = signed.versions.get()
    door = text(ward, f"/reports/versions/{version.pk}/pdf/")
    assert "may be about another patient" in door
    copy = ward.get(f"/reports/versions/{version.pk}/pdf/?though=doubtful&marked=1")
    assert all(is_marked(page.extract_text()) for page in PdfReader(BytesIO(copy.content)).pages)
    program = program_of(world.referrer).get(f"/api/v1/versions/{version.pk}/pdf/")
    assert program.headers["X-Report-Standing"] == "doubtful"
    assert "-v1-UNDER-REVIEW" in program.headers["Content-Disposition"]
    assert program.content == bytes(Artifact.objects.get(version=version, kind="pdf").body), "its bytes are as signed"


def test_on_paper_it_is_marked_and_a_wards_list_does_not_choose_it(world: World, ward: Client, signed: Report) -> None:
    assert printed(ward, signed) == [False]
    assert 'name="report" value="' in text(ward, "/reports/print/")
    assert " checked " in text(ward, "/reports/print/")
    closed(world, signed)
    page = text(ward, "/reports/print/")
    assert SAYS in page
    assert " checked " not in page
    assert printed(ward, signed) == [True]
    rows = AuditEvent.objects.filter(action="report.put-on-paper").order_by("pk")
    assert [row.detail["under_review"] for row in rows] == [False, True]
    procedures = list(signed.task.requested_procedures.values_list("pk", flat=True))
    ((_name, body),) = signed_reports(procedures)
    assert is_marked(PdfReader(BytesIO(body)).pages[0].extract_text()), "on a disc too"


def test_lists_of_call_backs_and_of_the_archive_say_it(world: World, ward: Client, signed: Report) -> None:
    other = world.requested(world.order(signed.task.patient))
    sign(draft(world, task=case(world, other)), world.radiologist)
    closed(world, signed)
    listed = text(ward, "/reports/call-back/", q=signed.task.patient.family_name)
    assert listed.count(SAYS) == 1
    assert text(ward, "/reports/", q="nodule").count(SAYS) == 1
    found = program_of(world.referrer).get("/api/v1/reports/search/?q=nodule").json()["results"]
    assert sorted((one["report"] == signed.pk, one["images_moved"]) for one in found) == [(False, False), (True, True)]


def test_images_that_are_back_make_it_current_again(world: World, ward: Client, signed: Report) -> None:
    decision = decisions.unlink(Study.objects.get(), reason=WHY, by=world.technologist)
    decisions.undo(decision, reason="They are his", by=world.technologist)
    found = standing_of(code_of(signed))
    assert found is not None
    assert found.word == "current"
    assert printed(ward, signed) == [False]
    assert SAYS not in text(ward, "/reports/print/")
