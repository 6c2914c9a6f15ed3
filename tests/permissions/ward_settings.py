"""What an installation is set up with: a row of each table, for the matrix and for generated requests."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from django.db.models import Model
from django.utils import timezone

from ris.accounts.models import ApiToken, User
from ris.dicom.models import DevicePool, DeviceProfile
from ris.hl7.incoming.record import FieldRule, Sender, Translation
from ris.hl7.outgoing.models import Destination
from ris.webhooks.actions import add_webhook
from ris.webhooks.models import Webhook
from tests.world import World
from worklist.reading.deadlines import TurnaroundRule
from worklist.reading.staff import AssignmentRule, OnCall, ReadingGroup, ReadingProfile


def sender(world: World) -> Sender:
    """With a field that stands elsewhere and a code of theirs."""
    row = Sender.objects.create(site=world.north, name="Ward system", application="WARDSYS")
    FieldRule.objects.create(sender=row, target="order.placer", paths="OBR-18")
    Translation.objects.create(sender=row, table="room", theirs="CT-A", ours="CT 1")
    return row


def webhook(world: World) -> Webhook:
    row = Webhook(site=world.north, name="Portal", url="https://portal.example.org/told", kinds=["report.signed"])
    add_webhook(row, by=world.siteadmin)
    return row


def group(world: World) -> ReadingGroup:
    row: ReadingGroup = ReadingGroup.objects.get_or_create(site=world.north, name="Chest")[0]
    row.members.set([world.resident])
    return row


def duty(world: World) -> OnCall:
    start = timezone.now() + timedelta(days=2)
    return OnCall.objects.create(site=world.north, user=world.resident, start=start, end=start + timedelta(hours=8))


# By the name of the station.
MAKERS: dict[str, Callable[[World], Model]] = {
    "users": lambda _world: User.objects.get_or_create(username="newcomer")[0],
    "api-tokens": lambda world: ApiToken.issue(world.clerk, "Ward import")[0],
    "hl7-senders": sender,
    "hl7-destinations": lambda world: Destination.objects.create(
        site=world.north, name="Archive of letters", host="192.0.2.9"
    ),
    "webhooks": webhook,
    "device-profiles": lambda _world: DeviceProfile.objects.create(name="Works CT 64"),
    "device-pools": lambda world: DevicePool.objects.create(site=world.north, name="Portables of 4 West"),
    "reading-groups": group,
    "reading-profiles": lambda world: ReadingProfile.objects.create(user=world.resident, modalities="CT MR"),
    "assignment-rules": lambda world: AssignmentRule.objects.create(site=world.north, group=group(world)),
    "on-call": duty,
    "turnaround-rules": lambda world: TurnaroundRule.objects.create(
        site=world.north, priority="STAT", modality="US", minutes=45
    ),
}


def settings_of(world: World) -> dict[str, object]:
    """{station: id}."""
    return {f"set_{station}": make(world).pk for station, make in MAKERS.items()}
