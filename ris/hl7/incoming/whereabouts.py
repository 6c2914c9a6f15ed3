"""Where a patient lies (PV1-3): carried to the exams that wait, and so to the worklist of the devices."""

from __future__ import annotations

from typing import Final

from ris.core.texts import faults_of_texts
from ris.hl7.incoming.arrival import Arrival
from ris.hl7.incoming.asking import Asked
from ris.orders.models import Order
from ris.scheduling.actions import note_ward
from ris.scheduling.models import ScheduledProcedureStep

# PV1-2 (table 0004): who comes from home lies nowhere, whatever PV1-3 calls the clinic.
OUTPATIENT: Final = "O"


def note_whereabouts(arrival: Arrival, asked: Asked, order: Order) -> None:
    """What the message says of ward and bed; one that cannot be kept is left out, no order is refused for it."""
    fields = asked.fields
    bed = " ".join(filter(None, (fields.text("order.room"), fields.text("order.bed"))))
    said = {"ward": fields.text("order.ward"), "bed": bed}
    if not said["ward"] or fields.text("order.class").upper() == OUTPATIENT:
        return
    wrong = faults_of_texts(ScheduledProcedureStep, said)
    if "ward" not in wrong:
        note_ward(order, ward=said["ward"], bed="" if "bed" in wrong else bed, by=arrival.by)
