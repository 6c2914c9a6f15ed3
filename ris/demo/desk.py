"""What makes the demo's desk a real one: hours, and an exam of several parts. The tests' rooms stay always open."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import time
from typing import Any

from ris.accounts.models import Site, User
from ris.orders.models import Procedure, ProcedurePart
from ris.scheduling.actions import DayHours, set_hours
from ris.scheduling.models import Resource

ALWAYS = ((range(7), "00:00", "23:59"),)  # what emergencies need
# Room: weekdays (0 is Monday), opens, closes.
HOURS = {
    "CT 1": ALWAYS,
    "X-ray": ALWAYS,
    "MR 1": ((range(5), "07:00", "20:00"), (range(5, 6), "08:00", "14:00")),
    "Ultrasound": ((range(5), "07:30", "12:30"), (range(5), "13:00", "17:00")),
    "Gamma camera": ((range(5), "07:00", "16:00"),),
    "CT South": ((range(5), "08:00", "18:00"),),
}
WATER = "Drink a litre of water between the injection and the images. Tell us about pregnancy."
PARTS: tuple[dict[str, Any], ...] = (
    {"position": 1, "name": "Injection", "modality": "NM", "required_capability": "hot-lab", "duration_minutes": 10},
    {"position": 2, "name": "Images", "modality": "NM", "duration_minutes": 30, "gap_min_minutes": 120,
     "gap_max_minutes": 240},
)  # fmt: skip


def furnish_desk() -> None:
    """On the first run, after the starter set: a room without a device, the exam of two parts that is done in it, and
    every room's hours.
    """
    site, admin = Site.objects.get(code="north"), User.objects.get(username="admin")
    Resource.objects.create(site=site, name="Gamma camera", modality="NM", capabilities="hot-lab")
    procedure = Procedure.objects.get(code="NMBONE")
    procedure.duration_minutes, procedure.preparation = 40, WATER
    procedure.save(update_fields=["duration_minutes", "preparation"])
    for part in PARTS:
        ProcedurePart.objects.create(procedure=procedure, **part)
    for room in Resource.objects.filter(name__in=HOURS):
        set_hours(room, hours=list(_hours(room.name)), by=admin)


def _hours(room: str) -> Iterator[DayHours]:
    for days, opens, closes in HOURS[room]:
        for day in days:
            yield DayHours(day, time.fromisoformat(opens), time.fromisoformat(closes))
