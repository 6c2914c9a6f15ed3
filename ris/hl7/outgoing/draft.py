"""A message before it is written."""

from __future__ import annotations

from dataclasses import dataclass, field

from ris.hl7.er7 import Segment
from ris.hl7.outgoing.messages.parts import Person
from ris.patients.models import Patient


@dataclass(frozen=True, slots=True)
class Draft:
    """A message that is not written yet: all but MSH. `key` where one subject has several of one event.

    `patient` is None where an order came for somebody who is not known here.
    """

    kind: str
    trigger: str
    subject: str
    patient: Patient | None
    person: Person
    segments: list[Segment] = field(default_factory=list)
    key: str = ""
