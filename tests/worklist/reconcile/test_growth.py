"""A study that grows after somebody took or signed its case says so, to whoever has to know."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from ris.audit.models import AuditEvent
from ris.core.errors import NotPermitted, TransitionError
from ris.notifications.models import Message
from tests.exam import case, draft, noted, sign
from tests.world import World
from viewer.actions import open_studies
from worklist.actions.growth import seen_growth
from worklist.actions.reading import claim
from worklist.attention.rows import grown_tasks
from worklist.models import ReadingTask, Study

pytestmark = [pytest.mark.django_db, pytest.mark.db]
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


def signed(world: World) -> ReadingTask:
    version = sign(draft(world), world.radiologist)
    return ReadingTask.objects.get(reports=version.report_id)


def grow(task: ReadingTask, images: int = 240) -> ReadingTask:
    noted(task.requested_procedures.get(), instance_count=images)
    return ReadingTask.objects.get(pk=task.pk)


def test_images_before_anybody_read_are_no_news(world: World) -> None:
    task = grow(case(world))
    assert (task.images_added_at, task.image_count) == (None, 240)
    assert Study.objects.get().images_added_at is not None


def test_images_after_the_signature_are_told_to_the_signer_once(signing_key: None, world: World) -> None:
    task = grow(signed(world))
    assert list(grown_tasks(world.radiologist)) == [task]
    for _ in range(2):
        grow(task)
    notice = Message.objects.get(subject="More images after you signed")
    assert (notice.recipient, notice.link) == (world.radiologist, reverse("worklist:grown"))


def test_the_list_of_grown_exams_is_emptied_by_whoever_looked(signing_key: None, world: World, client: Client) -> None:
    task = grow(signed(world))
    client.force_login(world.radiologist, BACKEND)
    page = client.get(reverse("worklist:grown")).content.decode()
    assert task.patient.display_name in page
    answer = client.post(reverse("worklist:grown-seen", args=[task.pk]), follow=True)
    assert "Noted: the report stands." in answer.content.decode()
    assert not grown_tasks(world.radiologist).exists()
    assert AuditEvent.objects.get(action="reading.growth-seen").patient_id == task.patient_id
    with pytest.raises(TransitionError):
        seen_growth(task, by=world.radiologist)


def test_saying_that_the_report_stands_is_for_readers(signing_key: None, world: World) -> None:
    task = grow(signed(world))
    for who in ("clerk", "technologist", "referrer"):
        with pytest.raises(NotPermitted):
            seen_growth(task, by=world.people[who])
    assert grown_tasks(world.radiologist).exists()


def test_a_reader_sees_in_the_list_that_a_case_has_grown(world: World, client: Client) -> None:
    task = claim(case(world), by=world.radiologist)
    client.force_login(world.radiologist, BACKEND)
    assert "more images" not in client.get(reverse("worklist:reading-list")).content.decode()
    grow(task)
    assert "more images" in client.get(reverse("worklist:reading-list")).content.decode()


def test_the_pane_says_that_the_study_has_grown_since_one_opened_it(world: World, client: Client) -> None:
    task = claim(case(world), by=world.radiologist)
    client.force_login(world.radiologist, BACKEND)
    url = reverse("worklist:case-exam", args=[task.pk])
    open_studies(task.studies(), patient=task.patient, session="a", by=world.radiologist)
    assert "has grown" not in client.get(url).content.decode()
    grow(task)
    told = client.get(url).content.decode()
    assert "has grown since you opened it" in told
    assert "240 are here now" in told
    open_studies(task.studies(), patient=task.patient, session="a", by=world.radiologist)
    assert "has grown" not in client.get(url).content.decode()


def test_a_signed_report_says_wherever_it_is_read_that_its_exam_has_grown(
    signing_key: None, world: World, client: Client
) -> None:
    task = signed(world)
    report = reverse("reporting:detail", args=[task.reports.get().pk])
    pane = reverse("reporting:panel", args=[task.pk])
    says, asks = "More images of this exam came after the report was signed", "say whether the report stands"
    client.force_login(world.radiologist, BACKEND)
    assert says not in client.get(report).content.decode()

    grow(task)

    for page in (report, pane):
        told = client.get(page).content.decode()
        assert says in told
        assert asks in told
        assert "Reload the page" not in told
    client.force_login(world.referrer, BACKEND)
    told = client.get(report).content.decode()
    assert says in told
    assert asks not in told
    seen_growth(ReadingTask.objects.get(pk=task.pk), by=world.radiologist)
    assert says not in client.get(report).content.decode()
