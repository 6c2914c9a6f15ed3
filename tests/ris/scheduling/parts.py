"""A bone scan of an injection and a scan, and an angiography with an anaesthesia team, for the tests of parts."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone

from ris.dicom.models import Node
from ris.orders.models import Procedure, ProcedurePart, RequestedProcedure
from ris.scheduling.models import Appointment, Resource
from tests.world import World


def furnish_parts(world: World) -> None:
    """Rooms and catalogue rows; nothing has hours, so that every time is open."""
    for name, modality, ae_title in (("Hot lab", "NM", "NMLAB"), ("Gamma", "NM", "GAMMA"), ("Angio", "XA", "ANGIO")):
        node = Node.objects.create(site=world.north, name=name, ae_title=ae_title, modality=modality)
        Resource.objects.create(site=world.north, name=name, modality=modality, node=node)
    Resource.objects.filter(name="Hot lab").update(capabilities="hot-lab")
    Resource.objects.filter(name="Gamma").update(capabilities="gamma-camera")
    for name in ("Team 1", "Team 2"):
        Resource.objects.create(site=world.north, name=name, modality="OT", capabilities="anaesthesia")
    bone = Procedure.objects.create(code="NMBONEP", name="NM bone", modality="NM", duration_minutes=60)
    part(bone, 1, "Injection", "NM", "hot-lab", 10)
    part(bone, 2, "Scan", "NM", "gamma-camera", 40, wait=(120, 240))
    dsa = Procedure.objects.create(code="XADSAP", name="XA legs", modality="XA", duration_minutes=60)
    part(dsa, 1, "Angiography", "XA", "", 60)
    part(dsa, 2, "Anaesthesia", "OT", "anaesthesia", 60, beside=True)


def part(
    procedure: Procedure, position: int, name: str, modality: str, capability: str, minutes: int,
    *, wait: tuple[int, int | None] = (0, None), beside: bool = False,
) -> None:  # fmt: skip
    ProcedurePart.objects.create(
        procedure=procedure, position=position, name=name, modality=modality, required_capability=capability,
        duration_minutes=minutes, gap_min_minutes=wait[0], gap_max_minutes=wait[1], beside=beside,
    )  # fmt: skip


def wanted(world: World, code: str = "NMBONEP", name: str = "Parts") -> RequestedProcedure:
    return world.requested(world.order(world.patient(name), code=code))


def nine(world: World, days: int = 1) -> datetime:
    """Nine o'clock at the site, so many days from now."""
    now = timezone.localtime(timezone=world.north.zone)
    return now.replace(hour=9, minute=0, second=0, microsecond=0) + timedelta(days=days)


def placed(world: World) -> list[tuple[str, str]]:
    """(room, clock) of every appointment to come, by time."""
    rows = Appointment.objects.filter(state__in=["booked", "arrived"]).select_related("resource")
    return [
        (row.resource.name, f"{row.start.astimezone(world.north.zone):%H:%M}") for row in rows.order_by("start", "pk")
    ]
