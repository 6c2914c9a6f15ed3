"""The stay or visit in which something is ordered (PV1-2, PV1-19; v2.5.1 3.4.3.2, 3.4.3.19), from when, how soon.

What of it cannot be kept is left out and named: no order is refused for it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from ris.core.texts import faults_of_texts
from ris.hl7.incoming.arrival import Arrival
from ris.hl7.incoming.fieldmap import Fields
from ris.hl7.incoming.moments import BadMoment, moment_of
from ris.hl7.incoming.tables import CLASSES, PRIORITIES, TIMED
from ris.orders.actions import fault_of_wanted
from ris.orders.models import Order

UNKEPT: Final = (
    ("patient_class", "order.class", "The patient class"),
    ("visit_number", "order.visit", "The visit number"),
    ("visit_issuer", "order.visit-issuer", "Whose visit number it is"),
    ("priority", "order.priority", "The priority"),
    ("wanted_from", "order.wanted", "The time from which it is wanted"),
)


def stay_of(arrival: Arrival, order: Fields) -> dict[str, str]:
    """What the message says of the stay."""
    fields = arrival.over(order.segments, [*arrival.message.all("PID")])
    return _class(arrival, fields) | _visit(arrival, fields)


def _class(arrival: Arrival, fields: Fields) -> dict[str, str]:
    theirs = fields.given("order.class")
    if theirs is None:
        return {}
    ours = arrival.translated("class", theirs) or theirs.upper()
    return {"patient_class": ours} if ours in {"", *CLASSES} else {}


def _visit(arrival: Arrival, fields: Fields) -> dict[str, str]:
    """The number, and whose it is where that can be kept: a number of nobody known is better than none."""
    number = fields.given("order.visit")
    if number is None:
        return {}
    issuer = fields.text("order.visit-issuer") if number else ""
    said = {"visit_number": number, "visit_issuer": arrival.translated("authority", issuer) or issuer}
    faults = faults_of_texts(Order, said)
    if "visit_number" in faults:
        # It is another stay than before, though nobody here can say which.
        return {"visit_number": "", "visit_issuer": ""}
    return said | dict.fromkeys(faults, "")


def wanted_in(arrival: Arrival, order: Fields) -> dict[str, datetime | None]:
    """The time of TQ1-7, else of the TQ in ORC-7 or OBR-27, by the site's clock where it has no offset."""
    said = order.given("order.wanted")
    if not said:
        return {} if said is None else {"wanted_from": None}
    try:
        moment = moment_of(said, arrival.site.zone)
    except BadMoment:
        return {}
    return {} if fault_of_wanted(moment) else {"wanted_from": moment}


def priority_in(arrival: Arrival, order: Fields) -> dict[str, str]:
    """(0040,1003) of TQ1-9, else of the TQ in ORC-7 or OBR-27, else OBR-5; nothing for what is in no table."""
    said = order.text("order.priority")
    usual = PRIORITIES.get(said.upper(), "MEDIUM" if TIMED.fullmatch(said.upper()) else "")
    ours = arrival.translated("priority", said) or usual
    return {"priority": ours} if ours else {}


def left_out(arrival: Arrival, order: Fields) -> list[str]:
    """What the message says and the order does not keep, in words without values."""
    fields = arrival.over(order.segments, [*arrival.message.all("PID")])
    kept: dict[str, object] = {**stay_of(arrival, order), **wanted_in(arrival, order), **priority_in(arrival, order)}
    return [
        f"{words} in {fields.location(target)} could not be kept and was left out."
        for name, target, words in UNKEPT
        if fields.text(target) and not kept.get(name)
    ]
