"""/api/v1/reports/ and the signed PDF of a version."""

from __future__ import annotations

import hashlib

import pytest
from rest_framework.test import APIClient

from reporting.document import digest
from reporting.models import Artifact, Report
from ris.audit.models import AuditEvent
from tests.api.exams import draft, signed
from tests.world import World
from worklist.actions.reading import claim

pytestmark = pytest.mark.db
REPORTS = "/api/v1/reports/"


def test_the_writer_saves_and_gets_the_next_revision(world: World, radiologist: APIClient) -> None:
    report = draft(world)
    body = {"revision": 0, "sections": {"findings": " Two blanks stay.  \nå\U0001f600"}}
    answer = radiologist.put(f"{REPORTS}{report.pk}/draft/", body, format="json")
    assert answer.status_code == 200, answer.json()
    assert (answer.json()["revision"], answer.json()["state"]) == (1, "draft")
    report.refresh_from_db()
    assert report.content["sections"]["findings"] == body["sections"]["findings"]  # type: ignore[index]
    assert report.content["sections"]["technique"] == "Helical CT of the chest."


def test_a_stale_revision_loses_and_writes_nothing(world: World, radiologist: APIClient) -> None:
    address = f"{REPORTS}{draft(world).pk}/draft/"
    assert (
        radiologist.put(address, {"revision": 0, "sections": {"findings": "First"}}, format="json").status_code == 200
    )
    answer = radiologist.put(address, {"revision": 0, "sections": {"findings": "Second"}}, format="json")
    assert (answer.status_code, answer.json()["error"]) == (409, "changed-meanwhile")
    assert Report.objects.get().content["sections"]["findings"] == "First"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"revision": 0, "sections": {"nosuch": "text"}}, 422),
        ({"revision": 0, "sections": {"findings": "x" * 50_001}}, 400),
        ({"revision": 0, "sections": {str(n): "" for n in range(51)}}, 400),
        ({"revision": 0, "sections": ["findings"]}, 400),
        ({"revision": 0, "sections": {"findings": None}}, 400),
        ({"revision": -1, "sections": {}}, 400),
        ({"revision": 2**40, "sections": {}}, 400),
        ({"sections": {}}, 400),
        ({"revision": 0, "sections": {}, "state": "final"}, 400),
        ({"revision": 0, "sections": {}, "signed_by": "me"}, 400),
        ({"revision": 0, "sections": {}, "fields": {"lesion-length": {"value": 1}}}, 400),
    ],
)
def test_what_cannot_be_a_draft_is_refused(
    world: World, radiologist: APIClient, body: dict[str, object], status: int
) -> None:
    report = draft(world)
    answer = radiologist.put(f"{REPORTS}{report.pk}/draft/", body, format="json")
    assert answer.status_code == status, answer.json()
    report.refresh_from_db()
    assert (report.revision, report.state) == (0, "draft")


def test_a_case_of_another_reader_is_not_written(world: World) -> None:
    from tests.api.conftest import program_of

    report = draft(world)
    body = {"revision": 0, "sections": {"findings": "Mine now"}}
    answer = program_of(world.resident).put(f"{REPORTS}{report.pk}/draft/", body, format="json")
    assert (answer.status_code, answer.json()["error"]) == (403, "not-permitted")


def test_unsigned_words_are_for_writers_only(world: World, referrer: APIClient, clerk: APIClient) -> None:
    report = draft(world)
    assert referrer.get(f"{REPORTS}{report.pk}/").status_code == 404
    assert referrer.get(REPORTS).json()["count"] == 0
    assert clerk.get(REPORTS).status_code == 403


@pytest.mark.usefixtures("signing_key")
def test_a_referrer_reads_what_was_signed_and_not_what_is_being_written(
    world: World, referrer: APIClient, radiologist: APIClient
) -> None:
    version = signed(world, kind="preliminary")
    claim(version.report.task, by=world.radiologist)
    body = {"revision": 2, "sections": {"impression": "Unsigned second thought"}}
    assert radiologist.put(f"{REPORTS}{version.report_id}/draft/", body, format="json").status_code == 200
    answer = referrer.get(f"{REPORTS}{version.report_id}/")
    assert answer.status_code == 200
    assert answer.json()["draft"] is None
    impression = {"key": "impression", "title": "Impression", "text": "No nodule."}
    assert answer.json()["versions"][0]["content"]["sections"][-1] == impression
    assert "second thought" not in answer.content.decode()
    assert AuditEvent.objects.filter(action="report.viewed", actor_id=str(world.referrer.pk)).count() == 1


@pytest.mark.usefixtures("signing_key")
def test_the_content_of_a_version_is_what_was_hashed(world: World, radiologist: APIClient) -> None:
    version = signed(world)
    (told,) = radiologist.get(f"{REPORTS}{version.report_id}/").json()["versions"]
    assert digest(told["content"]) == told["content_sha256"] == version.content_sha256
    assert (told["kind"], told["signer_name"]) == ("final", "Dr. Rita Radiologist")


@pytest.mark.usefixtures("signing_key")
def test_a_signed_report_takes_no_more_words(world: World, radiologist: APIClient) -> None:
    version = signed(world)
    body = {"revision": 2, "sections": {"impression": "Changed"}}
    answer = radiologist.put(f"{REPORTS}{version.report_id}/draft/", body, format="json")
    assert (answer.status_code, answer.json()["error"]) == (409, "illegal-move")


@pytest.mark.usefixtures("signing_key")
def test_the_pdf_is_the_signed_one_byte_for_byte(world: World, referrer: APIClient) -> None:
    version = signed(world)
    answer = referrer.get(f"/api/v1/versions/{version.pk}/pdf/", headers={"accept": "application/pdf"})
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    kept = Artifact.objects.get(version=version, kind="pdf")
    assert answer.content == bytes(kept.body)
    assert hashlib.sha256(answer.content).hexdigest() == kept.sha256
    assert answer["Cache-Control"] == "private, no-store"
    assert AuditEvent.objects.filter(action="report.printed", actor_id=str(world.referrer.pk)).count() == 1


@pytest.mark.usefixtures("signing_key")
def test_an_outsider_finds_neither_report_nor_pdf(world: World, outsider: APIClient) -> None:
    version = signed(world)
    assert outsider.get(f"{REPORTS}{version.report_id}/").status_code == 404
    answer = outsider.get(f"/api/v1/versions/{version.pk}/pdf/", headers={"accept": "application/pdf"})
    assert (answer.status_code, answer["Content-Type"]) == (404, "application/json")
    assert answer.json()["error"] == "not-found"
    assert outsider.get(REPORTS).json()["count"] == 0


@pytest.mark.usefixtures("signing_key")
def test_lists_are_narrowed_by_accession_patient_and_state(world: World, radiologist: APIClient) -> None:
    final = signed(world).report
    other = draft(world)
    accession = final.task.requested_procedures.get().accession_number
    for query, found in (
        ({"accession": accession}, [final.pk]),
        ({"patient": other.task.patient_id}, [other.pk]),
        ({"state": "final"}, [final.pk]),
        ({"state": "withdrawn"}, None),
    ):
        answer = radiologist.get(REPORTS, query)
        assert [row["id"] for row in answer.json().get("results", [])] == (found or [])
        assert answer.status_code == (400 if found is None else 200)


def test_nothing_of_the_api_signs(world: World, radiologist: APIClient) -> None:
    report = draft(world)
    for verb in ("sign", "sign-preliminary"):
        assert radiologist.post(f"{REPORTS}{report.pk}/{verb}/", {}, format="json").status_code == 404
    for method in ("put", "patch", "delete"):
        answer = getattr(radiologist, method)(f"{REPORTS}{report.pk}/", {"state": "final"}, format="json")
        assert (answer.status_code, answer.json()["error"]) == (405, "method-not-allowed")
    report.refresh_from_db()
    assert report.state == "draft"
