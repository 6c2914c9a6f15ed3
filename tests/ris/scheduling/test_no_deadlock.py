"""Desk, device and ordering physician act on the same few exams at once: nobody hangs, and what is left makes sense."""

from __future__ import annotations

import random
import time
from datetime import timedelta
from functools import partial

import pytest
from django.utils import timezone

from ris.orders.actions import cancel_order, discontinue_order
from ris.scheduling.actions import (
    Slot,
    arrive,
    book,
    cancel_appointment,
    complete_step,
    displace,
    miss,
    move,
    reopen_step,
    restore,
    start_step,
)
from ris.scheduling.models import Appointment
from tests.rivals import Act, at_once, makes_sense
from tests.world import World
from worklist.actions.exam import start_exam
from worklist.actions.wrong_patient import wrong_patient

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.db]

SECONDS, THREADS, ACTS = 6, 8, 12


def test_who_checks_in_begins_misses_and_cancels_the_same_exams_at_once_never_hangs(live_world: World) -> None:
    chance, done, until = random.Random(20261121), 0, time.monotonic() + SECONDS  # noqa: S311  the same ways each time
    rounds = 0
    while time.monotonic() < until or rounds < 2:
        acts = acts_on(live_world, booked(live_world, rounds))
        piles = [chance.choices(acts, k=ACTS) for _ in range(THREADS)]
        done += sum(at_once(piles))
        makes_sense()
        rounds += 1
    assert done > rounds * 3, "too little succeeded to mean anything"


def booked(world: World, number: int) -> list[Appointment]:
    """Three appointments that began a while ago, each of two orders of one patient."""
    start = timezone.now().replace(second=0, microsecond=0) - timedelta(days=2 + number)
    found = []
    for place in range(3):
        person = world.patient(f"Busy{number}", f"No{place}")
        both = [world.requested(world.order(person, code=code)) for code in ("CTCHEST", "CTABD")]
        slot = Slot(resource=world.room(), start=start + timedelta(minutes=30 * place), minutes=20)
        found.append(book(both, slot=slot, by=world.clerk))
    return found


def acts_on(world: World, appointments: list[Appointment]) -> list[Act]:
    """What the people of a day do with them, in any order; each asks for the row as it is then."""
    acts: list[Act] = []
    clerk, technologist = world.clerk, world.technologist
    for one in appointments:
        acts += [partial(act, one, by=clerk) for act in (arrive, miss, restore)] * 2
        acts.append(partial(cancel_appointment, one, reason="Called", by=clerk))
        later = Slot(resource=one.resource, start=one.start + timedelta(minutes=5), minutes=20)
        acts.append(partial(move, one, slot=later, by=clerk))
        for step in one.steps.select_related("requested_procedure__order__patient", "requested_procedure__procedure"):
            requested = step.requested_procedure
            slot = Slot(resource=one.resource, start=one.start + timedelta(minutes=10), minutes=20)
            acts += [partial(act, step, by=technologist) for act in (start_step, start_exam, complete_step)] * 2
            acts.append(partial(wrong_patient, step, reason="Not hers", by=technologist))
            acts.append(partial(cancel_order, requested.order, reason="Not needed", by=clerk))
            acts.append(partial(discontinue_order, requested.order, reason="Enough", by=clerk))
            acts.append(partial(book, [requested], slot=slot, by=clerk))
            acts.append(partial(displace, [requested], slot=slot, reason="Urgent", by=world.radiologist))
    return acts


def test_an_appointment_of_which_one_exam_was_done_is_fulfilled_when_the_other_is_cancelled(live_world: World) -> None:
    visit = booked(live_world, 0)[0]
    done, other = visit.steps.select_related("requested_procedure__order").order_by("pk")
    complete_step(start_step(done, by=live_world.technologist), by=live_world.technologist)
    cancel_order(other.requested_procedure.order, reason="Not needed", by=live_world.clerk)
    visit.refresh_from_db()
    assert visit.state == "fulfilled"
    reopen_step(done, reason="More images", by=live_world.technologist)
    visit.refresh_from_db()
    assert visit.state == "arrived"
    makes_sense()
