"""The signed report on its page, and what the pane says of numbers: as people read it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.test import Client

from reporting.actions import open_report, save_draft
from reporting.delay.record import PublishDelay
from reporting.entries import FieldChanges
from reporting.models import Artifact, Report, StoredObject
from reporting.numbers import numbers_of
from reporting.prefill import prefill
from ris.orders.models import Procedure
from tests.exam import FINDINGS, case, draft, sign, stored
from tests.reporting.tools import printed_text
from tests.world import World
from worklist.actions.reading import claim
from worklist.models import ReadingTask

pytestmark = pytest.mark.db
KEY = "lesion-length"


def page_of(world: World, who: str, report: Report) -> str:
    client = Client()
    client.force_login(world.people[who])
    return client.get(f"/reports/{report.pk}/").content.decode()


@pytest.mark.parametrize(("who", "linked"), [("radiologist", True), ("resident", True), ("referrer", False)])
def test_a_signed_report_leads_to_its_images_for_those_who_may_see_them(
    world: World, signing_key: None, who: str, linked: bool
) -> None:
    report = draft(world)
    uid = sign(report, world.radiologist).study_instance_uid
    page = page_of(world, who, report)
    assert (f"StudyInstanceUIDs={uid}" in page) is linked
    assert '<article class="sheet' in page
    assert "Northgate Radiology" in page


def test_a_critical_finding_is_flagged_from_every_page_of_the_report_by_those_who_write(
    world: World, signing_key: None
) -> None:
    """Before the release, of a preliminary report, and after the signature; those who only read flag nothing."""
    task = case(world)
    link = f'href="/reports/cases/{task.pk}/critical/"'
    report = sign(draft(world, by=world.resident, task=task), world.resident, "preliminary").report
    assert link in page_of(world, "resident", report)
    PublishDelay.objects.create(site=world.north, minutes=5)
    claim(ReadingTask.objects.get(pk=task.pk), by=world.radiologist)
    report = Report.objects.get(pk=report.pk)
    report = sign(report, world.radiologist, grade="none").report
    assert Report.objects.get(pk=report.pk).held_until is not None
    assert link in page_of(world, "radiologist", report)
    assert link not in page_of(world, "referrer", report)
    client = Client()
    client.force_login(world.radiologist)
    panel = client.get(f"/reports/cases/{task.pk}/panel/").content.decode()
    assert 'data-writable="false"' in panel
    assert link in panel


def test_a_small_number_is_the_same_on_the_page_as_on_paper(world: World, signing_key: None, tmp_path: Path) -> None:
    task = case(world)
    stored(task, 0.04, tool="Length")
    report = draft(world, task=task)
    version = sign(report, world.radiologist)
    paper = printed_text(bytes(Artifact.objects.get(version=version, kind="pdf").body), tmp_path, "-layout")
    assert "0.04" in paper
    page = page_of(world, "radiologist", report)
    assert "Largest lesion, length: 0.04 mm" in page
    assert "(Length, Rita Radiologist)" in page


def test_a_number_tells_its_time_on_the_sites_clock(world: World) -> None:
    task = case(world)
    source = stored(task, 31.0)
    StoredObject.objects.filter(pk=source.pk).update(stored_at=datetime(2026, 7, 1, 23, 30, tzinfo=UTC))
    report = open_report(claim(task, by=world.radiologist), by=world.radiologist)
    assert numbers_of(report)["fields"][0]["measured"] == "2026-07-02 01:30"


def test_what_was_left_out_can_be_taken_in_again(world: World) -> None:
    task = case(world)
    stored(task, 31.0)
    report = open_report(claim(task, by=world.radiologist), by=world.radiologist)
    report = save_draft(
        report, revision=0, sections={}, fields=FieldChanges(removed=frozenset({KEY})), by=world.radiologist
    )
    prefill(report)
    assert report.content["fields"][KEY] == {"removed": True}
    report = save_draft(
        report, revision=1, sections={}, fields=FieldChanges(restored=frozenset({KEY})), by=world.radiologist
    )
    held = Report.objects.get(pk=report.pk)
    assert (held.content["fields"][KEY]["value"], held.revision) == (31.0, 2)


def test_taking_in_what_was_not_left_out_changes_nothing(world: World) -> None:
    report = draft(world)
    before = report.content
    saved = save_draft(
        report,
        revision=report.revision,
        sections={},
        fields=FieldChanges(restored=frozenset({KEY, "volume"})),
        by=world.radiologist,
    )
    assert Report.objects.get(pk=saved.pk).content == before


def test_the_case_and_the_room_of_a_signed_report_lead_to_its_page(
    world: World, signing_key: None, client: Client
) -> None:
    report = draft(world)
    client.force_login(world.radiologist)
    case_page, pane = f"/worklist/reading/{report.task_id}/", f"/reports/cases/{report.task_id}/panel/"
    link = f'href="/reports/{report.pk}/"'
    assert link not in client.get(case_page).content.decode()
    assert link not in client.get(pane).content.decode()

    sign(report, world.radiologist)

    assert link in client.get(case_page).content.decode()
    assert link in client.get(pane).content.decode()


def test_the_room_shows_no_empty_field_of_a_signed_report(world: World, signing_key: None, client: Client) -> None:
    Procedure.objects.filter(code="CTCHEST").update(template_key="mr-prostate")
    task = case(world, world.requested(world.order(world.patient("Berg", "Bo", sex="M"))))
    report = open_report(claim(task, by=world.radiologist), by=world.radiologist)
    report = save_draft(
        report, revision=report.revision, sections=FINDINGS, fields=FieldChanges({"psa": "4"}), by=world.radiologist
    )
    client.force_login(world.radiologist)
    pane = f"/reports/cases/{task.pk}/panel/"
    writing = client.get(pane).content.decode()
    assert 'data-entry="psa"' in writing
    assert 'data-entry="prostate-length"' in writing

    sign(Report.objects.get(pk=report.pk), world.radiologist)

    signed = client.get(pane).content.decode()
    assert 'data-entry="psa"' in signed
    assert 'data-entry="prostate-length"' not in signed
