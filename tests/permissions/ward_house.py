"""What the ward has of the house itself, for programs: kept time, a holiday, an image test."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from ris.scheduling.models import Block, Holiday
from tests.world import World
from worklist.actions.image_tests import ImageTest
from worklist.devices.testing import ticket_of


def house_of(world: World) -> dict[str, object]:
    """Far from every appointment of the ward."""
    past = timezone.now() - timedelta(days=40)
    kept = Block.objects.create(resource=world.room(), start=past, end=past + timedelta(hours=1))
    holiday = Holiday.objects.create(site=world.north, day=past.date(), name="Founders' day")
    test = ticket_of(ImageTest(world.node().pk, "20260305T100000", 0))
    return {"kept_time": kept.pk, "holiday": holiday.pk, "image_test": test}
