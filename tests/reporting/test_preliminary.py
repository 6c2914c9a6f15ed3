"""A resident's preliminary report on its way to the attending's signature."""

from __future__ import annotations

import pytest
from django.test import Client

from reporting.actions import open_report, save_draft
from reporting.models import Report
from reporting.pane import pane_of
from ris.core.errors import NotPermitted
from tests.exam import draft, sign
from tests.world import World
from worklist.actions.reading import claim
from worklist.models import ReadingTask

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("signing_key")]


@pytest.fixture
def preliminary(world: World) -> Report:
    report = draft(world, by=world.resident)
    sign(report, by=world.resident, kind="preliminary")
    return Report.objects.select_related("task", "site", "template").get(pk=report.pk)


def test_after_a_preliminary_signature_the_pane_is_closed_until_somebody_takes_the_case(
    world: World, preliminary: Report
) -> None:
    for person in (world.resident, world.radiologist):
        assert pane_of(preliminary, person)["writable"] is False
    with pytest.raises(NotPermitted, match="Take it from the reading list"):
        save_draft(preliminary, revision=preliminary.revision, sections={}, by=world.resident)


def test_the_reading_list_offers_a_preliminary_case_to_its_resident_too(world: World, preliminary: Report) -> None:
    client = Client()
    client.force_login(world.resident)
    page = client.get("/worklist/reading/").content.decode()
    assert f'action="/worklist/reading/{preliminary.task_id}/claim/"' in page
    assert f'href="/reading/{preliminary.task_id}/"' not in page


def test_the_attending_takes_it_changes_it_and_signs_final(world: World, preliminary: Report) -> None:
    claim(preliminary.task, by=world.radiologist)
    report = open_report(preliminary.task, by=world.radiologist)
    with pytest.raises(NotPermitted):
        save_draft(report, revision=report.revision, sections={}, by=world.resident)
    report = save_draft(report, revision=report.revision, sections={"impression": "Benign."}, by=world.radiologist)
    final = sign(report, by=world.radiologist, grade="minor")
    first = report.versions.get(number=1)
    assert (final.number, final.kind, final.previous_sha256) == (2, "final", first.content_sha256)
    assert ReadingTask.objects.get().state == "reported"
    assert {"A nodule in the right upper lobe.", "Benign."} <= {item["text"] for item in final.content["sections"]}


def test_a_referrer_reads_what_was_signed_and_not_the_draft_that_goes_on(world: World, preliminary: Report) -> None:
    client = Client()
    client.force_login(world.referrer)
    assert client.get(f"/reports/{preliminary.pk}/").status_code == 200
    assert client.get(f"/reports/{preliminary.pk}/numbers/").status_code == 404
