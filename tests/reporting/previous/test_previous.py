"""What was reported of the same person before stands beside the draft, and names its source."""

from __future__ import annotations

from datetime import date

import pytest
from django.test import Client

from reporting.actions import open_report
from reporting.models import Report
from ris.audit.models import AuditEvent
from tests.exam import draft, sign
from tests.worklist.priors.test_earlier import taken
from tests.world import World
from worklist.actions.reading import claim

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("signing_key")]


@pytest.fixture
def today(world: World) -> Report:
    """A draft of a person with a signed chest CT two years ago and a brain MR in between."""
    patient = world.patient()
    before = draft(world, task=taken(world, patient, "CTCHEST", date(2025, 3, 12)))
    sign(before, world.radiologist)
    sign(draft(world, task=taken(world, patient, "MRBRAIN", date(2026, 3, 12))), world.radiologist)
    task = taken(world, patient, "CTCHEST", date(2027, 3, 12))
    return open_report(claim(task, by=world.radiologist), by=world.radiologist)


def shown(report: Report, world: World) -> str:
    client = Client()
    client.force_login(world.radiologist)
    return client.get(f"/reports/{report.pk}/previous/").content.decode()


def test_the_comparison_begins_with_the_exams_that_matter(world: World, today: Report) -> None:
    assert today.content["sections"]["comparison"] == "CT chest of 2025-03-12."


def test_earlier_reports_are_shown_the_same_region_first_and_each_is_recorded(world: World, today: Report) -> None:
    page = shown(today, world)
    assert page.index("2025-03-12") < page.index("2026-03-12")
    signed = Report.objects.exclude(pk=today.pk).order_by("pk").first()
    assert signed is not None
    source = f"From the report of {signed.versions.get().content['signed_at'][:10]}, Dr. Rita Radiologist"
    assert f'data-previous-copy="Findings" data-previous-source="{source}"' in page
    viewed = AuditEvent.objects.filter(action="report.viewed", actor_id=str(world.radiologist.pk))
    assert {row.target_id for row in viewed} == {str(row.pk) for row in Report.objects.exclude(pk=today.pk)}


def test_a_person_without_earlier_reports_has_none_beside(world: World) -> None:
    assert "No earlier report" in shown(draft(world), world)
