"""The trail names every step of an exam: who, what, on whom. It holds ids and never a name of a patient."""

from __future__ import annotations

import json

import pytest
from django.db.models import QuerySet

from ris.audit.models import AuditEvent
from ris.audit.sealing import seal, verify
from ris.demo.seed import make_signing_key
from ris.scheduling.actions import Slot, arrive, book, cancel_appointment, complete_step, move, start_step
from tests import exam
from tests.world import World
from worklist.actions.reading import claim, release
from worklist.models import ReadingTask

pytestmark = pytest.mark.django_db

# What is done, and who does it.
JOURNEY = [
    ("patient.registered", "clerk"),
    ("order.placed", "clerk"),
    ("appointment.booked", "clerk"),
    ("appointment.moved", "clerk"),
    ("appointment.cancelled", "clerk"),
    ("appointment.booked", "clerk"),
    ("appointment.arrived", "clerk"),
    ("step.started", "technologist"),
    ("step.completed", "technologist"),
    ("study.linked", "matcher"),
    ("study.noticed", "matcher"),
    ("reading.opened", "matcher"),
    ("reading.claimed", "resident"),
    ("reading.released", "resident"),
    ("reading.claimed", "radiologist"),
    ("report.opened", "radiologist"),
    ("report.drafted", "radiologist"),
    ("report.signed", "radiologist"),
]


@pytest.fixture
def travelled(world: World) -> World:
    make_signing_key()
    order = world.order(world.patient("Zebrowski", "Xaver"))
    requested = world.requested(order)
    booked = world.booking(order)
    move(booked, slot=Slot(resource=world.room(), start=world.soon(), minutes=20), by=world.clerk)
    cancel_appointment(booked, reason="Called", by=world.clerk)
    booked = book([requested], slot=Slot(resource=world.room(), start=world.soon(), minutes=20), by=world.clerk)
    arrive(booked, by=world.clerk)
    start_step(booked.steps.get(), by=world.technologist)
    complete_step(booked.steps.get(), by=world.technologist)
    exam.noted(requested)
    task = ReadingTask.objects.get()
    release(claim(task, by=world.resident), by=world.resident)
    exam.sign(exam.draft(world, task=task), world.radiologist)
    return world


def told() -> QuerySet[AuditEvent]:
    """What was done since the installation was set up."""
    return AuditEvent.objects.exclude(actor_id="setup")


def test_every_step_is_named_with_its_actor(travelled: World) -> None:
    names = {str(user.pk): name for name, user in travelled.people.items()}
    rows = told().order_by("id").values_list("action", "actor_id")
    assert [(action, names.get(actor, actor)) for action, actor in rows] == JOURNEY


def test_every_step_names_the_patient_and_the_site(travelled: World) -> None:
    patient = AuditEvent.objects.get(action="patient.registered").patient_id
    nameless = told().exclude(patient_id=patient).exclude(action="study.noticed")
    assert list(nameless.values_list("action", flat=True)) == []
    assert set(AuditEvent.objects.values_list("site_id", flat=True)) <= {travelled.north.pk, None}


def test_no_row_holds_a_name_of_the_patient(travelled: World) -> None:
    told = json.dumps(list(AuditEvent.objects.values()), default=str)
    assert "Zebrowski" not in told
    assert "Xaver" not in told


def test_the_chain_over_the_journey_holds(travelled: World) -> None:
    seal()
    verdict = verify()
    assert (verdict.rows, verdict.faults) == (AuditEvent.objects.count(), ())
