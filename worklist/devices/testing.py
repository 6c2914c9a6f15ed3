"""The image test between its requests: a signed ticket names it; what arrived is looked at, and shown if it may be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Final

from django.core import signing

from ris import audit
from ris.core.actors import Actor
from ris.core.errors import NotFound
from ris.dicom.archive.devices import Arrival, OrthancDevices, Tag
from ris.dicom.models import Node
from worklist.actions.image_tests import GONE, ImageTest, is_of_an_exam

SALT: Final = "worklist.image-test"
LASTS: Final = 3600  # seconds
OVER: Final = "This test is over: begin a new one on the page of the device."


@dataclass(frozen=True, slots=True)
class Look:
    """What a look found. `position`: how far was looked. Of an image of an exam only that it came is said."""

    position: int
    arrival: Arrival | None = None
    of_an_exam: bool = False
    transfer_syntax: str = ""
    tags: Sequence[Tag] = ()


def ticket_of(test: ImageTest) -> str:
    """The test as text that nobody else can write; it lasts an hour."""
    return signing.dumps(asdict(test), salt=SALT)


def read_ticket(ticket: str, node: Node) -> ImageTest:
    """The test that a ticket names; NotFound for one that is over, or of another device."""
    try:
        test = ImageTest(**dict(signing.loads(ticket, salt=SALT, max_age=LASTS)))
    except (signing.BadSignature, TypeError) as error:
        raise NotFound(OVER) from error
    if test.node_id != node.pk:
        raise NotFound(OVER)
    return test


def look_at(node: Node, test: ImageTest, *, since: int, devices: OrthancDevices, by: Actor) -> Look:
    """The next object of the device after a place of the change feed. Raises ArchiveError."""
    arrival, position = devices.arrived(node.ae_title, max(test.position, since))
    if arrival is None:
        return Look(position)
    row = devices.study(arrival.study_id)
    private = row is None or is_of_an_exam(row)
    found = Look(position, arrival, of_an_exam=True) if private else _shown(position, arrival, devices)
    audit.record("device.image-arrived", node, by=by, of_an_exam=private)
    return found


def _shown(position: int, arrival: Arrival, devices: OrthancDevices) -> Look:
    syntax = devices.transfer_syntax(arrival.instance_id)
    return Look(position, arrival, transfer_syntax=syntax, tags=devices.tags(arrival.instance_id))


def picture_of(node: Node, test: ImageTest, *, instance: str, devices: OrthancDevices, by: Actor) -> bytes:
    """A PNG of the first frame of an image of the test; NotFound for every other one. Raises ArchiveError."""
    arrival = devices.arrival(instance)
    row = devices.study(arrival.study_id)
    if row is None or is_of_an_exam(row) or not test.holds(arrival) or not devices.sent_by(arrival, node.ae_title):
        raise NotFound(GONE)
    audit.record("study.previewed", node, by=by, study_uid=row.study_instance_uid)
    return devices.picture(arrival.instance_id)
