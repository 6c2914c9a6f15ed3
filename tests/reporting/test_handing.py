"""A signed PDF that counts no more: the bytes stay as they were, and whoever opens them sees how it stands."""

from __future__ import annotations

from io import BytesIO

import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone
from pypdf import PdfReader

from reporting.actions.amend import withdraw_report
from reporting.actions.sign import Proof
from reporting.handing import as_it_stands
from reporting.models import Artifact, Report, ReportVersion
from ris.audit.models import AuditEvent
from tests.exam import draft, sign
from tests.reporting.amending.test_amending import added
from tests.world import World

pytestmark = [pytest.mark.db, pytest.mark.usefixtures("signing_key")]


@pytest.fixture
def client(world: World) -> Client:
    client = Client()
    client.force_login(world.referrer)
    return client


def body_of(version: ReportVersion) -> bytes:
    return bytes(Artifact.objects.get(version=version, kind="pdf").body)


def opened(client: Client, version: ReportVersion, query: str = "") -> HttpResponse:
    answer: HttpResponse = client.get(f"/reports/versions/{version.pk}/pdf/{query}")  # type: ignore[assignment]
    assert answer.status_code == 200
    return answer


def name_of(answer: HttpResponse) -> str:
    return answer.headers["Content-Disposition"].split('"')[1]


def is_page(answer: HttpResponse) -> bool:
    return answer.headers["Content-Type"].startswith("text/html")


def withdrawn(report: Report, world: World) -> ReportVersion:
    return withdraw_report(report, reason="Other patient", proof=Proof(timezone.now()), by=world.radiologist)


def test_a_version_that_counts_no_more_is_handed_out_behind_a_page_that_says_so(world: World, client: Client) -> None:
    first = sign(draft(world), world.radiologist)
    stem = f"report-{first.accession_numbers[0]}"
    assert name_of(opened(client, first)) == f"{stem}-v1.pdf"

    second = added(first.report, "The node is stable.", world.radiologist)
    page = opened(client, first)
    assert is_page(page)
    assert "A newer version exists" in page.content.decode()
    signed = opened(client, first, "?though=superseded")
    assert (name_of(signed), signed.content) == (f"{stem}-v1-SUPERSEDED-COPY.pdf", body_of(first))
    assert signed.headers["X-Report-Standing"] == "superseded"
    assert name_of(opened(client, second)) == f"{stem}-v2.pdf"

    taken_back = withdrawn(first.report, world)
    for version in (first, second):
        assert is_page(opened(client, version, "?though=superseded")), "it said superseded, and stands worse now"
        assert "This report was withdrawn" in opened(client, version).content.decode()
    found = opened(client, second, "?though=withdrawn")
    assert (name_of(found), found.content) == (f"{stem}-v2-WITHDRAWN-COPY.pdf", body_of(second))
    own = opened(client, taken_back)
    assert (name_of(own), own.content) == (f"{stem}-v3-WITHDRAWN.pdf", body_of(taken_back)), "its page says it itself"


def test_to_be_read_there_is_a_copy_with_the_word_on_every_page(world: World, client: Client) -> None:
    version = sign(draft(world), world.radiologist)
    withdrawn(version.report, world)
    marked = PdfReader(BytesIO(opened(client, version, "?though=withdrawn&marked=1").content))
    plain = PdfReader(BytesIO(body_of(version)))
    assert ["WITHDRAWN COPY" in page.extract_text() for page in marked.pages] == [True] * len(plain.pages)
    assert not any("WITHDRAWN" in page.extract_text() for page in plain.pages)
    row = AuditEvent.objects.filter(action="report.printed").latest("pk")
    assert (row.detail["standing"], row.detail["marked"], row.detail["version"]) == ("withdrawn", True, 1)


def test_in_the_viewer_it_is_read_with_the_word_and_others_as_they_are(world: World) -> None:
    first = sign(draft(world), world.radiologist)
    second = added(first.report, "The node is stable.", world.radiologist)
    shown = [as_it_stands(one.publication.sop_instance_uid, b"%PDF-from the archive") for one in (first, second)]
    assert shown[1] == b"%PDF-from the archive"
    assert "SUPERSEDED COPY" in PdfReader(BytesIO(shown[0])).pages[0].extract_text()
    assert as_it_stands("2.25.1", b"%PDF-somebody else's") == b"%PDF-somebody else's"


def test_what_a_person_got_already_is_a_copy_in_the_file_and_on_paper(world: World, client: Client) -> None:
    version = sign(draft(world), world.radiologist)
    program = client.get(f"/api/v1/versions/{version.pk}/pdf/")
    assert (name_of(program), name_of(opened(client, version))) == (  # type: ignore[arg-type]
        f"report-{version.report_id}-v1.pdf", f"report-{version.accession_numbers[0]}-v1.pdf",
    )  # fmt: skip
    again = opened(client, version)
    assert (name_of(again)[-12:], again.content) == ("-v1-COPY.pdf", body_of(version))
    printed = client.post("/reports/print/file/", {"report": str(version.report_id)})
    assert "COPY" in PdfReader(BytesIO(printed.content)).pages[0].extract_text()


def test_programs_are_told_how_a_version_stands(world: World, client: Client) -> None:
    first = sign(draft(world), world.radiologist)
    added(first.report, "The node is stable.", world.radiologist)
    report = client.get(f"/api/v1/reports/{first.report_id}/").json()
    assert {one["number"]: one["standing"] for one in report["versions"]} == {1: "superseded", 2: "current"}
    paper = client.get(f"/api/v1/versions/{first.pk}/pdf/")
    assert (paper.headers["X-Report-Standing"], paper.content) == ("superseded", body_of(first))
    assert name_of(paper) == f"report-{first.report_id}-v1-SUPERSEDED.pdf"  # type: ignore[arg-type]
    withdrawn(first.report, world)
    assert name_of(client.get(f"/api/v1/versions/{first.pk}/pdf/")).endswith("-WITHDRAWN.pdf")  # type: ignore[arg-type]
