"""The stay or visit in which something is ordered: PV1-2 and PV1-19 (v2.5.1 3.4.3.2, 3.4.3.19)."""

from __future__ import annotations

from ris.core.texts import faults_of_texts
from ris.hl7.incoming.arrival import Arrival
from ris.hl7.incoming.fieldmap import Fields
from ris.hl7.incoming.tables import CLASSES
from ris.orders.models import Order


def stay_of(arrival: Arrival, order: Fields) -> dict[str, str]:
    """What the message says of it; what cannot be kept is left out, no order is refused for it."""
    fields = arrival.over(order.segments, [*arrival.message.all("PID")])
    return _class(arrival, fields) | _visit(arrival, fields)


def _class(arrival: Arrival, fields: Fields) -> dict[str, str]:
    theirs = fields.given("order.class")
    if theirs is None:
        return {}
    ours = arrival.translated("class", theirs) or theirs.upper()
    return {"patient_class": ours} if ours in {"", *CLASSES} else {}


def _visit(arrival: Arrival, fields: Fields) -> dict[str, str]:
    number = fields.given("order.visit")
    if number is None:
        return {}
    issuer = fields.text("order.visit-issuer") if number else ""
    said = {"visit_number": number, "visit_issuer": arrival.translated("authority", issuer) or issuer}
    return {} if faults_of_texts(Order, said) else said
