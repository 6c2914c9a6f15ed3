"""Lists of what must not be forgotten: exams without an end, studies under the wrong name."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from ris.accounts.models import User
from ris.scheduling.actions import start_step
from ris.scheduling.models import ScheduledProcedureStep
from tests.exam import case, draft, sign
from tests.worklist.mpps.samples import created
from tests.worklist.mpps.test_performed import begin
from tests.world import World
from viewer.actions import open_studies
from worklist.actions.wrong_patient import wrong_patient
from worklist.attention.rows import LONG, unclosed_rows, unclosed_steps, wrong_rows
from worklist.cards import home_cards
from worklist.models import Study, WrongPatient

pytestmark = [pytest.mark.django_db, pytest.mark.db]
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


def long_ago(step: ScheduledProcedureStep) -> None:
    ScheduledProcedureStep.objects.filter(pk=step.pk).update(started_at=timezone.now() - LONG - timedelta(minutes=1))


def forgotten(world: World) -> ScheduledProcedureStep:
    step = start_step(world.step(), by=world.technologist)
    long_ago(step)
    return step


def cards(user: User) -> dict[str, int]:
    return {card.title: card.count for card in home_cards(user)}


def signed_in(client: Client, user: User) -> Client:
    client.force_login(user, BACKEND)
    return client


def test_an_exam_is_listed_once_it_has_run_too_long_and_only_at_ones_own_site(world: World) -> None:
    step = start_step(world.step(), by=world.technologist)
    assert not unclosed_steps(world.technologist).exists()
    long_ago(step)
    assert list(unclosed_steps(world.technologist)) == [step]
    assert cards(world.technologist)["Unclosed exams"] == 1
    assert not unclosed_steps(world.outsider).exists()


def test_the_list_says_whether_the_device_still_owes_its_end(world: World) -> None:
    forgotten(world)
    by_device = world.step()
    begin(world, created(by_device))
    long_ago(by_device)
    said = {row["step"].pk: row["said"] for row in unclosed_rows(world.technologist)["rows"]}
    assert said[by_device.pk] == "The device has not said that it ended"
    assert sorted(said.values())[0] == "Begun by hand"


def test_the_button_completes_it_and_it_is_gone_from_the_list(world: World, client: Client) -> None:
    step = forgotten(world)
    page = signed_in(client, world.technologist).get(reverse("worklist:unclosed"))
    assert step.requested_procedure.accession_number in page.content.decode()
    client.post(reverse("worklist:unclosed-close", args=[step.pk]))
    step.refresh_from_db()
    assert step.state == "COMPLETED"
    assert "No unclosed exams" in client.get(reverse("worklist:unclosed")).content.decode()


def test_who_comes_second_is_told_in_words(world: World, client: Client) -> None:
    step = forgotten(world)
    signed_in(client, world.technologist)
    for _ in range(2):
        answer = client.post(reverse("worklist:unclosed-close", args=[step.pk]), follow=True)
    assert "is COMPLETED" in answer.content.decode()


def test_the_number_of_queries_does_not_grow_with_the_list(world: World, django_assert_max_num_queries: object) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    counts = []
    for _ in range(2):
        forgotten(world)
        with CaptureQueriesContext(connection) as queries:
            unclosed_rows(world.technologist)
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_a_closed_study_stands_in_its_own_queue_with_everybody_who_had_it_open(world: World, client: Client) -> None:
    task = case(world)
    study = Study.objects.get()
    patient = task.requested_procedures.get().order.patient
    open_studies([study], patient=patient, session="a", by=world.resident)
    step = ScheduledProcedureStep.objects.get()
    wrong_patient(step, reason="The wristband says Olsen", by=world.technologist)
    (item,) = wrong_rows(world.technologist)
    assert [(one["who"], one["what"]) for one in item["openings"]] == [(world.resident.display, "opened the images")]
    assert cards(world.technologist)["Wrong patient"] == 1
    page = signed_in(client, world.technologist).get(reverse("worklist:wrong-patients")).content.decode()
    assert "The wristband says Olsen" in page
    assert world.resident.display in page


@pytest.mark.usefixtures("signing_key")
def test_whoever_read_or_printed_the_report_of_such_images_is_named_too(world: World, client: Client) -> None:
    report = sign(draft(world), world.radiologist).report
    assert signed_in(client, world.referrer).get(reverse("reporting:detail", args=[report.pk])).status_code == 200
    assert (
        signed_in(client, world.resident).post(reverse("reporting:printed"), {"report": report.pk}).status_code == 200
    )
    wrong_patient(ScheduledProcedureStep.objects.get(), reason="The wristband says Olsen", by=world.technologist)
    (item,) = wrong_rows(world.technologist)
    found = {(one["who"], one["what"]) for one in item["openings"]}
    assert {
        (world.radiologist.display, "wrote a report"), (world.radiologist.display, "signed a report"),
        (world.referrer.display, "read the report"), (world.resident.display, "printed the report"),
    } <= found  # fmt: skip
    assert [one["at"] for one in item["openings"]] == sorted((one["at"] for one in item["openings"]), reverse=True)


@pytest.mark.parametrize("who", ["clerk", "technologist", "resident", "radiologist", "siteadmin", "admin"])
def test_no_other_list_shows_it(world: World, client: Client, who: str) -> None:
    case(world)
    wrong_patient(ScheduledProcedureStep.objects.get(), reason="Not hers", by=world.technologist)
    person = world.people[who]
    assert not Study.objects.listed_for(person).exists()
    page = signed_in(client, person).get(reverse("worklist:studies")).content.decode()
    assert Study.objects.get().study_instance_uid[-10:] not in page


def test_settling_needs_words_and_takes_it_from_the_queue(world: World, client: Client) -> None:
    case(world)
    wrong_patient(ScheduledProcedureStep.objects.get(), reason="Not hers", by=world.technologist)
    url = reverse("worklist:wrong-patient-settle", args=[WrongPatient.objects.get().pk])
    signed_in(client, world.radiologist)
    assert client.post(url, {"outcome": ""}).status_code == 422
    assert client.post(url, {"outcome": "Olsen's, by the wristband"}).status_code == 302
    assert WrongPatient.objects.get().outcome == "Olsen's, by the wristband"
    assert Study.objects.get().state == "unmatched"
    assert wrong_rows(world.radiologist) == []
