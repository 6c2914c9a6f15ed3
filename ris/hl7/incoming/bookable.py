"""Which exams an S12 gives a time: of the orders in SCH-26 and SCH-27 those that AIS-3 names (v2.5.1 10.6.1, 10.6.4).

A scheduler that writes a service of its own in AIS-3 means the whole order.
"""

from __future__ import annotations

from itertools import zip_longest
from typing import Final

from ris.hl7.er7.errors import REQUIRED_FIELD_MISSING, UNKNOWN_KEY_IDENTIFIER
from ris.hl7.incoming.arrival import Arrival
from ris.hl7.incoming.fieldmap import Fields
from ris.hl7.incoming.keys import Number, order_key, orders_numbered
from ris.hl7.incoming.outcomes import Waits, refused
from ris.orders.lifecycle import ORDER
from ris.orders.models import Order, RequestedProcedure
from ris.scheduling.models import ScheduledProcedureStep

NOTHING: Final = Fields([])


def exams_to_book(arrival: Arrival) -> list[RequestedProcedure]:
    """What is meant and still waits to be scheduled; of each number something. Raises Waits while one is not here."""
    groups = _orders(arrival)
    related = ("procedure", "order__patient__merged_into", "order__site")
    rows = RequestedProcedure.objects.filter(order__in=set().union(*groups))
    rows = rows.filter(order__state__in=ORDER.groups["bookable"])
    found = list(rows.select_related(*related).order_by("pk"))
    free = set(ScheduledProcedureStep.objects.unplaced().values_list("requested_procedure_id", flat=True))
    wanted = [requested for requested in _meant(arrival, found) if requested.pk in free]
    if any(group.isdisjoint({requested.order_id for requested in wanted}) for group in groups):
        raise refused("Nothing of this order waits to be booked.", code=UNKNOWN_KEY_IDENTIFIER, location="SCH^1^26")
    return wanted


def _meant(arrival: Arrival, found: list[RequestedProcedure]) -> list[RequestedProcedure]:
    """Of each order the exams whose codes stand in AIS-3; all of one of which none does."""
    said = arrival.fields.every("visit.procedure") or []
    codes = {arrival.translated("procedure", code) or code for code in said}
    named = [one for one in found if {one.procedure.code, one.procedure.loinc_code} & codes]
    told = {requested.order_id for requested in named}
    return [requested for requested in found if requested in named or requested.order_id not in told]


def _orders(arrival: Arrival) -> list[set[int]]:
    """Of each placer's number, else of ours at its place. Raises Waits while one is not here, Refused without any."""
    placers, fillers = arrival.fields.apart("visit.order"), arrival.fields.apart("visit.order-filler")
    pairs = zip_longest(placers, fillers, fillvalue=NOTHING)
    found = [_numbered(arrival, placer, filler.text("visit.order-filler")) for placer, filler in pairs]
    if not any(found):
        words = "Which order is booked? Its placer number stands in SCH-26, ours in SCH-27."
        raise refused(words, code=REQUIRED_FIELD_MISSING, location="SCH^1^26")
    return [pks for pks in found if pks]


def _numbered(arrival: Arrival, fields: Fields, ours: str) -> set[int]:
    issuer = fields.text("visit.order-issuer") or arrival.sender.default_placer_issuer
    placer = Number(issuer[:64], fields.text("visit.order"))
    found = set(orders_numbered(arrival.site.pk, placer).values_list("pk", flat=True)) if placer.value else set()
    if ours and not found:
        found = set(Order.objects.filter(site=arrival.site, filler_number=ours).values_list("pk", flat=True))
    if placer.value and not found:
        raise Waits(order_key(arrival.site.pk, placer), "The order is not known here yet.")
    return found
