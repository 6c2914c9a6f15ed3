"""What really exists of the house itself, for generated requests."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from django.db.models import Model
from django.utils import timezone

from ris.accounts.models import User
from ris.notifications.actions import notify
from ris.notifications.models import Message
from ris.scheduling.models import Block, Closure, Holiday, ScheduledProcedureStep
from tests import exam
from tests.world import World
from viewer.models import EmergencyAccess
from worklist.actions.filters import keep_filter
from worklist.exam.record import SideCheck
from worklist.reading.filters import Filter


class House:
    """`make`: a row for each station, made when it is first wanted."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.make: dict[str, Callable[[], Model]] = {
            "rooms": world.room,
            "steps": self._waiting,
            "closures": lambda: Closure.objects.create(reason="Service", **self._stretch()),
            "kept-times": lambda: Block.objects.create(**self._stretch()),
            "holidays": lambda: Holiday.objects.create(site=world.north, day=timezone.localdate(), name="A day off"),
            "devices": world.node,
            "notices": self._notice,
            "filters": lambda: keep_filter(Filter(modality="CT"), name="CT", by=world.radiologist),
            "side-checks": self._side,
            "case-objects": lambda: exam.case(world),
            "emergency-accesses": lambda: self._emergency(world.outsider),
            "emergency-accesses/end": lambda: self._emergency(world.radiologist),
        }

    def _waiting(self) -> ScheduledProcedureStep:
        return self.world.requested().steps.get()

    def _stretch(self) -> dict[str, object]:
        start = timezone.now() + timedelta(days=30)
        return {"resource": self.world.room(), "start": start, "end": start + timedelta(hours=1)}

    def _notice(self) -> Message:
        notify([self.world.radiologist], key="house", subject="Look", text="At this.", link="/")
        return Message.objects.get(recipient=self.world.radiologist, key__startswith="house/")

    def _side(self) -> SideCheck:
        requested = self.world.requested()
        evidence = [{"side": "R", "where": "laterality", "text": "R", "series": 1}]
        return SideCheck.objects.create(
            study=exam.noted(requested), requested_procedure=requested, ordered="L", verdict="differs",
            evidence=evidence, checked_at=timezone.now(),
        )  # fmt: skip

    def _emergency(self, by: User) -> EmergencyAccess:
        now = timezone.now()
        return EmergencyAccess.objects.create(
            study=exam.noted(self.world.requested()), site=self.world.north, user=by, reason="Polytrauma, unconscious",
            opened_at=now, until=now + timedelta(hours=1),
        )  # fmt: skip
