"""ADT of stays and visits, of which every hospital's feed is full: none are kept here, and none of these is refused.

Where a patient lies goes to the exams that wait. Whoever is not known here needs no news: nothing waits for them.
"""

from __future__ import annotations

from ris.hl7.incoming.arrival import Arrival
from ris.hl7.incoming.newer import newer_of_ward, stays
from ris.hl7.incoming.outcomes import Done
from ris.hl7.incoming.persons import numbers_of, person_of
from ris.hl7.incoming.whereabouts import WARD, tell_ward, ward_of
from ris.orders.lifecycle import ORDER
from ris.orders.models import Order
from ris.patients.models import Patient

NOBODY = "Nobody here has this number: there is nothing to change."


def called_off(arrival: Arrival) -> Done:
    """A11, A38: the visit is off. Registration stays, and orders are cancelled by their own messages."""
    return _noted(arrival, "A visit was called off; what was ordered in it is cancelled by messages of its own.")


def deleted(arrival: Arrival) -> Done:
    """A29: the hospital took the person back. What was ordered, seen and reported here refers to the record."""
    return _noted(arrival, "The hospital deleted this person; the record stays, for what was ordered and reported.")


def noted(arrival: Arrival) -> Done:
    """Discharges, leaves, what is expected, and what of it is called off."""
    return _noted(arrival, "Noted: no stays are kept here.")


def moved(arrival: Arrival) -> Done:
    """A02, A06, A07, A12: another ward (PV1-3) for all exams of the site that wait."""
    patient, ward = _person(arrival), ward_of(arrival.fields)
    if patient is None or ward is None:
        return _noted(arrival, "Noted: it names no ward.")
    done = _noted(arrival, "The exams that wait have the ward.")
    done.tell("patient", patient.pk, [WARD])
    family = Patient.objects.family(patient)
    orders = Order.objects.filter(site=arrival.site, patient__in=family, state__in=ORDER.groups["bookable"])
    for order in orders.order_by("pk"):
        if WARD in newer_of_ward(arrival, order):
            stays(done, [WARD])
        else:
            tell_ward(order, ward, by=arrival.by)
    return done


def _person(arrival: Arrival) -> Patient | None:
    return person_of(numbers_of(arrival, arrival.message.first("PID"), 3))


def _noted(arrival: Arrival, words: str) -> Done:
    patient = _person(arrival)
    return Done(words=words, patient=patient.pk) if patient else Done(words=NOBODY)
