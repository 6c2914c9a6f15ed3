"""What the cases of Scheduled Workflow share: the placer's messages, the device's worklist, what the hospital hears."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.utils import timezone
from pydicom.dataset import Dataset

from ris.hl7.er7 import Message, read
from ris.hl7.outgoing.models import Destination
from ris.orders.models import RequestedProcedure
from ris.scheduling.models import ScheduledProcedureStep
from tests.conformance.scanner import Scanner
from tests.ris.dicom.objects import ct, file_of
from tests.ris.hl7.incoming.hospital import Answer, message
from tests.ris.hl7.outgoing import sent
from tests.ris.hl7.outgoing.receiver import Receiver
from tests.ris.hl7.wire import Line
from tests.services.orthanc import Server
from tests.worklist.mpps.samples import UID, completed, created
from tests.worklist.mwl.samples import identifier
from tests.world import World

KEYS = {"PatientName": "", "PatientID": "", "AccessionNumber": "", "StudyInstanceUID": "", "PatientBirthDate": ""}


@dataclass
class Hospital:
    """A receiver in a process of its own, and the destination that leads there."""

    receiver: Receiver
    where: Destination

    def heard(self) -> list[Message]:
        """All that it has taken so far, in the order in which it came."""
        sent(self.where)
        return [read(self.receiver.body(number)) for number in self.receiver.taken()]


def tell(placer: Line, kind: str, *segments: str, at: str = "20261120080000") -> Answer:
    return Answer(placer.ask(message(kind, *segments, at=at)))


def accepted(placer: Line, kind: str, *segments: str, at: str = "20261120080000") -> Answer:
    said = tell(placer, kind, *segments, at=at)
    assert said.code == "AA", said.message
    return said


def tomorrow(world: World, hour: int = 10, *, days: int = 1) -> str:
    day = timezone.localdate(timezone=world.north.zone) + timedelta(days=days)
    return f"{day:%Y%m%d}{hour:02d}0000"


def seen(scanner: Scanner, step: dict[str, Any] | None = None, **keys: str) -> list[Dataset]:
    """The worklist that a device gets for these keys."""
    return scanner.find(identifier(step or {}, **(KEYS | keys)))[0]


def step_of(requested: RequestedProcedure) -> ScheduledProcedureStep:
    rows = ScheduledProcedureStep.objects.select_related("requested_procedure__order__patient", "node")
    return rows.get(requested_procedure=requested)


def examine(scanner: Scanner, requested: RequestedProcedure, uid: str = UID) -> None:
    """The device begins and ends it."""
    assert scanner.create(uid, created(step_of(requested))).Status == 0
    assert scanner.set(uid, completed()).Status == 0


def store(orthanc: Server, item: Dataset) -> None:
    """The device sends an image with what its worklist said."""
    names = ("PatientName", "PatientID", "PatientBirthDate", "AccessionNumber", "StudyInstanceUID")
    image = ct(**{name: item.get(name, "") for name in names})
    orthanc.archive().store([file_of(image)])
