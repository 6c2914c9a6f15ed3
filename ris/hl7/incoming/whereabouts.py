"""Where a patient lies (PV1-3): carried to the exams that wait, and so to the worklist of the devices."""

from __future__ import annotations

from typing import Final, NamedTuple

from ris.core.actors import Actor
from ris.core.texts import faults_of_texts
from ris.hl7.incoming.arrival import Arrival
from ris.hl7.incoming.asking import Asked
from ris.hl7.incoming.fieldmap import Fields
from ris.orders.models import Order
from ris.scheduling.actions import note_ward
from ris.scheduling.models import ScheduledProcedureStep

# PV1-2 (table 0004): who comes from home lies nowhere, whatever PV1-3 calls the clinic.
OUTPATIENT: Final = "O"


# How it is called among the fields of which a message speaks
WARD: Final = "ward"


class Ward(NamedTuple):
    """A ward, with room and bed in one."""

    ward: str
    bed: str


def note_whereabouts(arrival: Arrival, asked: Asked, order: Order) -> None:
    """What the message says of ward and bed; one that cannot be kept is left out, no order is refused for it."""
    ward = ward_of(asked.fields)
    if ward is not None:
        tell_ward(order, ward, by=arrival.by)


def ward_of(fields: Fields) -> Ward | None:
    """Of who lies in one."""
    bed = " ".join(filter(None, (fields.text("order.room"), fields.text("order.bed"))))
    ward = fields.text("order.ward")
    if not ward or fields.text("order.class").upper() == OUTPATIENT:
        return None
    wrong = faults_of_texts(ScheduledProcedureStep, {"ward": ward, "bed": bed})
    return None if "ward" in wrong else Ward(ward, "" if "bed" in wrong else bed)


def tell_ward(order: Order, ward: Ward, *, by: Actor) -> None:
    note_ward(order, ward=ward.ward, bed=ward.bed, by=by)
