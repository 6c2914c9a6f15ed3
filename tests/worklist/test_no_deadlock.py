"""Devices, archive, technologist and desk speak of the same exams at once: nobody hangs, and nothing contradicts."""

from __future__ import annotations

import random
import time
from datetime import timedelta
from functools import partial

import pytest
from django.utils import timezone

from ris.core.actors import SystemActor
from ris.orders.actions import cancel_order, discontinue_order
from ris.scheduling.actions import Slot, arrive, book, miss, reopen_step
from ris.scheduling.models import ScheduledProcedureStep
from tests.exam import MATCHER, study_row
from tests.rivals import Act, at_once, makes_sense
from tests.worklist.mpps.samples import completed, created, discontinued, series
from tests.worklist.mwl.conftest import lenient_reading  # noqa: F401  a fixture
from tests.world import World
from worklist.actions.exam import start_exam
from worklist.actions.performed import start_procedure, update_or_park
from worklist.actions.reading import claim_next, release
from worklist.actions.studies import note_study
from worklist.actions.wrong_patient import settle_wrong_patient, wrong_patient
from worklist.models import ReadingTask, WrongPatient
from worklist.mpps import messages

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.db, pytest.mark.usefixtures("lenient_reading")]

SECONDS, THREADS, ACTS = 6, 8, 10
DEVICE = SystemActor("mpps")


def test_devices_archive_and_people_on_the_same_exams_at_once_never_hang(live_world: World) -> None:
    chance, until = random.Random(20261122), time.monotonic() + SECONDS  # noqa: S311  the same ways each time
    done, rounds = 0, 0
    while time.monotonic() < until or rounds < 2:
        acts = acts_on(live_world, rounds)
        piles = [chance.choices(acts, k=ACTS) for _ in range(THREADS)]
        done += sum(at_once(piles))
        makes_sense()
        rounds += 1
    assert done > rounds * 3, "too little succeeded to mean anything"


def acts_on(world: World, number: int) -> list[Act]:
    """Two appointments of two orders each; the device does both exams of one in one go, and one by one."""
    acts: list[Act] = []
    start = timezone.now().replace(second=0, microsecond=0) - timedelta(days=2 + number)
    for place in range(2):
        person = world.patient(f"Busy{number}", f"No{place}")
        both = [world.requested(world.order(person, code=code)) for code in ("CTCHEST", "CTABD")]
        slot = Slot(resource=world.room(), start=start + timedelta(minutes=30 * place), minutes=20)
        visit = book(both, slot=slot, by=world.clerk)
        related = ("requested_procedure__order__patient", "requested_procedure__procedure", "site")
        steps = list(visit.steps.select_related(*related).order_by("pk"))
        base = 5000 + 100 * number + 10 * place
        acts += device_acts(world, f"2.25.{base}", steps[::-1])
        acts += [partial(act, visit, by=world.clerk) for act in (arrive, miss)]
        for shift, step in enumerate(steps, start=1):
            acts += device_acts(world, f"2.25.{base + shift}", [step])
            acts += people_acts(world, step)
    return acts


def device_acts(world: World, uid: str, steps: list[ScheduledProcedureStep]) -> list[Act]:
    """Begun, and ended in one of three ways; what comes too early is parked."""
    node = world.node()
    ends = [completed(PerformedSeriesSequence=[series(f"{uid}.1")]), discontinued(),
            discontinued("110514", PerformedSeriesSequence=[series(f"{uid}.1")])]  # fmt: skip
    begun = messages.started(uid, created(*steps))
    return [
        *[partial(start_procedure, begun, node=node, by=DEVICE)] * 3,
        *(partial(update_or_park, messages.updated(uid, end), node=node, by=DEVICE) for end in ends),
    ]


def people_acts(world: World, step: ScheduledProcedureStep) -> list[Act]:
    order, row = step.requested_procedure.order, study_row(step.requested_procedure)
    return [
        *[partial(note_study, row, by=MATCHER)] * 3,
        partial(start_exam, step, by=world.technologist),
        partial(reopen_step, step, reason="More images", by=world.technologist),
        partial(wrong_patient, step, reason="Not hers", by=world.technologist),
        partial(cancel_order, order, reason="Not needed", by=world.clerk),
        partial(discontinue_order, order, reason="Enough", by=world.clerk),
        partial(settled, world),
        partial(read_and_given_back, world),
    ]


def settled(world: World) -> None:
    for row in WrongPatient.objects.waiting()[:1]:
        settle_wrong_patient(row, outcome="Somebody else's", by=world.radiologist)


def read_and_given_back(world: World) -> None:
    task = claim_next(ReadingTask.objects.order_by("pk"), by=world.radiologist)
    if task is not None:
        release(task, by=world.radiologist)
