"""A preliminary report that the ward was told of, and that goes back to its author: they have it still."""

from __future__ import annotations

import pytest
from django.test import Client

from reporting.actions import save_draft
from reporting.actions.returning import return_to_author
from reporting.delay.actions import recall_report
from reporting.delay.record import PublishDelay
from reporting.models import Report, ReportVersion
from reporting.moved.reading import moved_images
from reporting.panels import prior_reports
from tests.api.conftest import program_of
from tests.exam import draft, sign, stored
from tests.world import World
from worklist.actions import decisions
from worklist.actions.reading import claim
from worklist.models import ReadingTask, Study
from worklist.reading.told import told_states

pytestmark = [pytest.mark.db, pytest.mark.django_db, pytest.mark.usefixtures("signing_key")]
REVISED = "Returned to its author"


@pytest.fixture
def returned(world: World) -> Report:
    version = sign(draft(world, by=world.resident), world.resident, "preliminary")
    return_to_author(fresh(version.report), comment="The side?", by=world.radiologist)
    return fresh(version.report)


def fresh(report: Report) -> Report:
    return Report.objects.select_related("task", "site", "template").get(pk=report.pk)


def ward_of(world: World) -> Client:
    client = Client()
    client.force_login(world.referrer)
    return client


def states(world: World, report: Report) -> tuple[str, list[int], str, str]:
    """What those outside are told: on the page, its PDFs, over REST and over FHIR."""
    ward, program = ward_of(world), program_of(world.referrer)
    page = ward.get(f"/reports/{report.pk}/")
    assert page.status_code == 200
    head = page.content.decode().split('class="page-header__text"')[1].split("</p>")[0]
    pdfs = [
        one.number
        for one in ReportVersion.objects.filter(report=report).order_by("number")
        if ward.get(f"/reports/versions/{one.pk}/pdf/").status_code == 200
    ]
    rest = program.get(f"/api/v1/reports/{report.pk}/").json()
    assert rest["draft"] is None
    assert program.get("/api/v1/reports/?state=draft").json()["results"] == []
    told = program.get(f"/fhir/DiagnosticReport/{report.pk}").json()["status"]
    return head.split(">")[-2].split("<")[0].strip(), pdfs, rest["state"], told


def test_the_ward_reads_on_what_was_signed_and_nothing_of_what_is_written(world: World, returned: Report) -> None:
    save_draft(returned, revision=returned.revision, sections={"findings": "Not for you yet."}, by=world.resident)
    assert states(world, returned) == ("Preliminary", [1], "preliminary", "preliminary")
    ward = ward_of(world)
    page = ward.get(f"/reports/{returned.pk}/").content.decode()
    assert REVISED in page
    assert "Not for you yet." not in page
    assert ward.get(f"/reports/{returned.pk}/numbers/").status_code == 404
    assert f'href="/reports/{returned.pk}/"' in ward.get(f"/patients/{returned.task.patient_id}/").content.decode()
    procedure = returned.task.requested_procedures.get().pk
    assert prior_reports([procedure], world.referrer) == [{procedure: returned.pk}]
    assert told_states([returned.task]) == {returned.task_id: "preliminary"}
    assert returned.state == "draft", "here it is its author's to change"


@pytest.mark.parametrize("kind", ["preliminary", "final"])
def test_the_next_signature_counts_for_everybody(world: World, returned: Report, kind: str) -> None:
    reader = world.resident if kind == "preliminary" else world.radiologist
    if kind == "final":
        ReadingTask.objects.filter(pk=returned.task_id).update(claimed_by=world.radiologist)
    sign(returned, reader, kind, grade="none" if kind == "final" else "")
    assert states(world, returned) == (kind.capitalize(), [1, 2], kind, kind)
    assert fresh(returned).held_from == ""
    assert REVISED not in ward_of(world).get(f"/reports/{returned.pk}/").content.decode()


def test_one_that_waits_for_its_release_or_was_recalled_is_preliminary_too(world: World, returned: Report) -> None:
    PublishDelay.objects.create(site=world.north, minutes=5)
    ReadingTask.objects.filter(pk=returned.task_id).update(claimed_by=world.radiologist)
    sign(returned, world.radiologist, grade="none")
    assert states(world, returned) == ("Preliminary", [1], "preliminary", "preliminary")
    recall_report(returned, by=world.radiologist)
    assert states(world, returned) == ("Preliminary", [1], "preliminary", "preliminary")
    assert fresh(returned).state == "preliminary"


def test_a_draft_that_was_never_signed_is_for_nobody_outside(world: World) -> None:
    report = draft(world, by=world.resident)
    assert ward_of(world).get(f"/reports/{report.pk}/").status_code == 404
    assert not report.is_revised


def test_images_that_are_moved_away_meanwhile_are_told_of_it_too(world: World, returned: Report) -> None:
    decisions.unlink(Study.objects.get(), reason="Another patient lay there", by=world.technologist)
    assert len(moved_images(returned)) == 1
    page = ward_of(world).get(f"/reports/{returned.pk}/").content.decode()
    assert "Images were moved away after this report was signed." in page


def test_its_measurements_stay_with_it_over_fhir(world: World, returned: Report) -> None:
    stored(returned.task, 33.6)
    (one,) = program_of(world.referrer).get("/fhir/Observation").json()["entry"]
    assert one["resource"]["valueQuantity"]["value"] == 33.6


def test_it_may_go_back_more_than_once(world: World, returned: Report) -> None:
    sign(returned, world.resident, "preliminary")
    claim(ReadingTask.objects.get(pk=returned.task_id), by=world.radiologist)
    return_to_author(fresh(returned), comment="The level too?", by=world.radiologist)
    assert states(world, returned) == ("Preliminary", [1, 2], "preliminary", "preliminary")
