"""Exams where the patient lies: who may say so, and what the devices are told."""

from __future__ import annotations

import pytest
from django.test import Client

from ris.audit.models import AuditEvent
from ris.core.errors import InvalidInput, NotPermitted, TransitionError
from ris.events.models import Event
from ris.scheduling.actions import Place, place_at_bedside, start_step
from tests.world import PASSWORD, World

pytestmark = [pytest.mark.django_db, pytest.mark.db]


def test_the_steps_that_wait_learn_the_ward_and_that_the_device_comes(world: World) -> None:
    appointment = world.booking()
    place_at_bedside(appointment, place=Place(" 4 West ", "12"), by=world.clerk)
    step = world.step(appointment)
    assert (step.ward, step.bed, step.portable) == ("4 West", "12", True)
    assert AuditEvent.objects.get(action="step.placed").target_id == str(step.pk)
    assert Event.objects.filter(kind="step.placed").count() == 1


def test_a_portable_exam_needs_a_ward(world: World) -> None:
    with pytest.raises(InvalidInput) as refused:
        place_at_bedside(world.booking(), place=Place("  "), by=world.clerk)
    assert "ward" in refused.value.fields


def test_it_may_be_taken_back(world: World) -> None:
    appointment = world.booking()
    place_at_bedside(appointment, place=Place("4 West"), by=world.clerk)
    place_at_bedside(appointment, place=Place("", portable=False), by=world.clerk)
    assert (world.step(appointment).ward, world.step(appointment).portable) == ("", False)


def test_an_exam_that_has_begun_stays_where_it_is(world: World) -> None:
    appointment = world.booking()
    start_step(world.step(appointment), by=world.technologist)
    with pytest.raises(TransitionError):
        place_at_bedside(appointment, place=Place("4 West"), by=world.clerk)


def test_only_who_books_may_say_so(world: World) -> None:
    appointment = world.booking()
    for person in (world.radiologist, world.outsider):
        with pytest.raises(NotPermitted):
            place_at_bedside(appointment, place=Place("4 West"), by=person)


def test_the_page_keeps_the_place_and_shows_a_fault_beside_its_field(world: World, client: Client) -> None:
    client.login(username="clerk", password=PASSWORD)
    appointment = world.booking()
    address = f"/schedule/{appointment.pk}/bedside/"
    wrong = client.post(address, {"ward": "", "portable": "on"})
    assert wrong.status_code == 422
    assert "Name the ward." in wrong.content.decode()
    assert client.post(address, {"ward": "4 West", "bed": "12", "portable": "on"}).status_code == 302
    assert 'value="4 West"' in client.get(address).content.decode()
    assert world.step(appointment).portable
