"""Two reports on one study; one report for the exams of several procedures."""

from __future__ import annotations

import pytest
from django.test import Client

from reporting.models import Publication
from tests.exam import case, draft, noted, performed, sign
from tests.world import World
from worklist.actions.decisions import link
from worklist.models import ReadingTask, Study

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("signing_key")]


def test_two_exams_in_one_study_get_a_report_each_with_a_document_of_its_own(world: World) -> None:
    patient = world.patient()
    first, second = (world.requested(world.order(patient)) for _ in range(2))
    one = case(world, first)
    performed(world, second)
    study = Study.objects.get()
    link(study, second, reason="Made in one go", by=world.radiologist)
    two = ReadingTask.objects.get(requested_procedures=second)
    versions = [sign(draft(world, task=task), world.radiologist) for task in (one, two)]
    assert [version.accession_numbers for version in versions] == [[first.accession_number], [second.accession_number]]
    assert {version.study_instance_uid for version in versions} == {study.study_instance_uid}
    assert len(set(Publication.objects.values_list("sop_instance_uid", flat=True))) == 2
    assert versions[0].report_id != versions[1].report_id


def test_the_page_of_a_report_opens_every_study_that_it_answers_that_of_its_document_first(
    world: World, client: Client
) -> None:
    patient = world.patient()
    first, second = (world.requested(world.order(patient)) for _ in range(2))
    task = case(world, first)
    noted(second)
    task.requested_procedures.add(second)
    version = sign(draft(world, task=task), world.radiologist)
    assert version.study_instance_uid == first.study_instance_uid
    client.force_login(world.radiologist, "allauth.account.auth_backends.AuthenticationBackend")
    page = client.get(f"/reports/{version.report_id}/").content.decode()
    assert f"?StudyInstanceUIDs={first.study_instance_uid},{second.study_instance_uid}" in page
