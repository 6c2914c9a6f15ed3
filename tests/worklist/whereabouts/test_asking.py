"""One exam asked for at every station of its journey, from the rows."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from ris.orders.actions import cancel_order
from ris.orders.models import RequestedProcedure
from ris.scheduling.actions import Past, arrive, complete_step, record_past, start_step
from tests import exam
from tests.worklist.whereabouts.scenarios import SCENARIOS
from tests.world import World
from worklist.actions.reading import claim
from worklist.models import ReadingTask
from worklist.whereabouts.asking import ACTS, button, facts_of
from worklist.whereabouts.facts import Whereabouts
from worklist.whereabouts.rules import whereabouts

pytestmark = pytest.mark.db


def sentence(requested: RequestedProcedure) -> str:
    return whereabouts(facts_of(RequestedProcedure.objects.get(pk=requested.pk))).sentence


@pytest.mark.usefixtures("signing_key")
def test_the_sentence_follows_the_exam_from_the_desk_to_the_archive(world: World) -> None:
    requested = world.requested()
    said = [sentence(requested)]

    appointment = world.booking(requested.order)
    said.append(sentence(requested))
    arrive(appointment, by=world.clerk)
    said.append(sentence(requested))
    start_step(requested.steps.get(), by=world.technologist)
    said.append(sentence(requested))
    complete_step(requested.steps.get(), by=world.technologist)
    said.append(sentence(requested))
    exam.noted(requested)
    said.append(sentence(requested))
    task = ReadingTask.objects.get(requested_procedures=requested)
    claim(task, by=world.radiologist)
    said.append(sentence(requested))
    report = exam.draft(world, task=task)
    said.append(sentence(requested))
    exam.sign(report, world.radiologist)
    said.append(sentence(requested))

    beginnings = [
        "To be booked since",
        "Booked in CT 1 for",
        "The patient is here, waiting for CT 1",
        "Being examined in CT 1",
        "Done at",
        "To be read since",
        "Dr. Rita Radiologist has the case",
        "Dr. Rita Radiologist is",
        "Signed by Dr. Rita",
    ]
    assert [text[: len(begins)] for text, begins in zip(said, beginnings, strict=True)] == beginnings


def test_images_that_match_nobody_are_named_with_the_reason(world: World) -> None:
    requested = world.requested()
    exam.noted(requested, birth_date=None, patient_name="Somebody^Else", patient_id="NORTH9999999")

    assert "could not be matched (" in sentence(requested)


def test_images_of_an_exam_that_nobody_booked_or_began_are_not_told_to_be_booked(world: World, client: Client) -> None:
    requested = world.requested()
    exam.noted(requested)

    assert sentence(requested).startswith("120 images in the archive")
    client.force_login(world.technologist)
    page = client.get(reverse("orders:detail", args=[requested.order_id])).content.decode()
    assert f'href="{reverse("worklist:exam", args=[requested.steps.get().pk])}"' in page


def test_a_cancelled_order_says_why(world: World) -> None:
    requested = world.requested()
    cancel_order(requested.order, reason="Ordered twice", by=world.clerk)

    assert sentence(requested) == "Cancelled: Ordered twice."


def test_the_order_page_says_it_with_the_button_for_those_who_may(world: World, client: Client) -> None:
    requested = world.requested()
    page = reverse("orders:detail", args=[requested.order_id])
    book = reverse("scheduling:book", args=[requested.pk])

    client.force_login(world.clerk)
    clerks = client.get(page).content.decode()
    client.force_login(world.referrer)
    referrers = client.get(page).content.decode()

    assert clerks.count("Where is it?") >= 1
    assert f'class="btn btn-sm btn-secondary" href="{book}"' in clerks
    assert "To be booked since" in referrers
    assert book not in referrers


def test_asking_costs_the_same_however_far_the_exam_is(world: World) -> None:
    def queries(requested: RequestedProcedure) -> int:
        with CaptureQueriesContext(connection) as seen:
            facts_of(requested)
        return len(seen)

    placed, done = world.requested(), exam.case(world).requested_procedures.get()

    assert queries(placed) <= 14
    assert queries(done) <= 18


def test_what_was_put_on_record_later_was_done_when_it_was_done(world: World) -> None:
    requested = world.requested()
    done = timezone.localtime(timezone=world.north.zone) - timedelta(days=1, hours=2)
    record_past(requested, Past(at=done, room=world.room()), by=world.technologist)
    said = sentence(requested)
    assert said.startswith("Done at")
    assert f"{done:%H:%M}" in said
    assert facts_of(requested).ended_at == done


def test_what_a_technologist_ends_by_hand_was_begun_and_done_when_that_was_said(world: World) -> None:
    requested = world.requested(world.booking().steps.get().requested_procedure.order)
    step = start_step(requested.steps.get(), by=world.technologist)
    begun = step.started_at
    assert begun is not None
    assert facts_of(requested).started_at == begun
    complete_step(requested.steps.get(), by=world.technologist)
    ended = facts_of(requested).ended_at
    assert ended is not None
    assert ended == requested.steps.get().changed_at
    assert ended > begun


def test_every_sentence_that_asks_for_an_act_has_a_button_for_somebody(world: World) -> None:
    requested = world.requested()
    assert {scenario.act for scenario in SCENARIOS if scenario.act} <= set(ACTS)

    order = button(Whereabouts("Stopped for safety.", act="order"), requested, world.radiologist)
    deliveries = button(Whereabouts("The archive did not take the PDF.", act="deliveries"), requested, world.siteadmin)

    assert order == ("Open the order", reverse("orders:detail", args=[requested.order_id]))
    assert deliveries == ("Deliveries", reverse("events:deliveries"))
    assert button(Whereabouts("The same.", act="deliveries"), requested, world.radiologist) is None
