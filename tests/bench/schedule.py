"""Many scheduled steps at once: one real booking, copied in bulk, each with its own patient and order."""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.db import models

from ris.orders.models import Order, RequestedProcedure
from ris.scheduling.models import ScheduledProcedureStep
from tests.world import World

PER_DAY = 10
M = TypeVar("M", bound=models.Model)


def fill(world: World, entries: int, monday: datetime) -> None:
    """`entries` steps of CT 1, ten on each weekday from eight o'clock of `monday` on."""
    first = world.step(world.booking(start=monday.replace(tzinfo=world.north.zone)))
    requested = first.requested_procedure
    patient = requested.order.patient
    number = patient.identifiers.get(issuer=world.north.patient_id_issuer)
    people = _copies(patient, entries, lambda n: {"family_name": f"Name{n:05}", "alias": None})
    _copies(number, entries, lambda n: {"patient": people[n], "value": f"B-{n:05}"})
    orders = _copies(requested.order, entries, lambda n: {"patient": people[n], "filler_number": f"B{n:05}"})
    exams = _copies(requested, entries, lambda n: _exam(n, orders[n]))
    starts = moments(entries, monday)
    _copies(first, entries, lambda n: _step(n, exams[n], starts[n].replace(tzinfo=world.north.zone)))
    ScheduledProcedureStep.objects.filter(pk=first.pk).delete()


def moments(entries: int, monday: datetime) -> list[datetime]:
    days = [monday + timedelta(days=number // 5 * 7 + number % 5) for number in range(entries // PER_DAY)]
    return [day + timedelta(minutes=30 * place) for day in days for place in range(PER_DAY)]


def _exam(number: int, order: Order) -> dict[str, Any]:
    return {
        "order": order, "accession_number": f"B{number:05}", "requested_procedure_id": f"B{number:05}",
        "study_instance_uid": f"2.25.77{number:05}",
    }  # fmt: skip


def _step(number: int, exam: RequestedProcedure, start: datetime) -> dict[str, Any]:
    return {"requested_procedure": exam, "appointment": None, "sps_id": f"B{number:05}-1", "start": start}


def _copies(row: M, count: int, changes: Callable[[int], dict[str, Any]]) -> list[M]:
    made = []
    for number in range(count):
        one = copy(row)
        one.pk = None
        one._state = copy(row._state)
        one._state.adding = True
        one._state.fields_cache = {}
        for name, value in changes(number).items():
            setattr(one, name, value)
        made.append(one)
    return type(row)._default_manager.bulk_create(made, batch_size=500)
