"""ORM, OMI, OMG: what is done by ORC-1 (table 0119), by the actions that the pages call."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Final

from ris.core.errors import DomainError
from ris.hl7.er7.errors import (
    DUPLICATE_KEY_IDENTIFIER,
    REQUIRED_FIELD_MISSING,
    SEGMENT_SEQUENCE,
    TABLE_VALUE_NOT_FOUND,
    UNKNOWN_KEY_IDENTIFIER,
)
from ris.hl7.incoming.arrival import Arrival
from ris.hl7.incoming.asking import (
    Asked,
    changes_of,
    details_in,
    orders_of,
    procedures_of,
    require_all_exams,
    sides_kept,
    sides_of,
)
from ris.hl7.incoming.faults import fault_of
from ris.hl7.incoming.keys import Number, keys_of_patient, order_key, orders_numbered
from ris.hl7.incoming.knowing import answer_questions, note_allergies, note_dangers, with_told
from ris.hl7.incoming.merging import waits_to_be_merged
from ris.hl7.incoming.newer import newer_of_order
from ris.hl7.incoming.outcomes import Done, Refused, Waits, refused
from ris.hl7.incoming.owning import own
from ris.hl7.incoming.persons import numbers_of, person_of, register, require_same_person, required_person
from ris.hl7.incoming.staying import left_out
from ris.hl7.incoming.tables import CONTROLS, REPLACEMENT, STATUS_VERBS
from ris.hl7.incoming.whereabouts import note_whereabouts
from ris.orders.actions import (
    Replacement,
    cancel_order,
    details_of,
    discontinue_order,
    modify_order,
    place_order,
    replace_order,
)
from ris.orders.actions.numbering import take_placer_number
from ris.orders.lifecycle import ORDER
from ris.orders.models import Order
from ris.orders.numbers import accession_issuer
from ris.patients.models import Patient

WHY: Final = "by the ordering system"
# What a placer is told unasked; of its own message the answer tells it (ORR, ORI, ORG).
ENDS: Final = ("order.cancelled", "order.discontinued", "order.replaced")
Act = Callable[[Arrival, Asked, Patient], Order]


def orders(arrival: Arrival) -> Done:
    """All orders of the message, or none of them."""
    patient = _patient(arrival)
    require_same_person(arrival, patient)
    note_allergies(arrival, patient)
    done = Done(words="", patient=patient.pk, provides=keys_of_patient(patient))
    words: list[str] = []
    unkept: dict[str, None] = {}
    for asked in _paired(orders_of(arrival)):
        words.append(_act(arrival, asked, patient, done))
        unkept |= dict.fromkeys(_left_out(arrival, asked))
    done.words = " ".join([*words, *unkept])
    return done


def _paired(found: list[Asked]) -> list[tuple[Asked, ...]]:
    """An RP goes with the ROs that follow it (chapter 4.2.4.1)."""
    pairs: list[tuple[Asked, ...]] = []
    for asked in found:
        if asked.control == REPLACEMENT and pairs and pairs[-1][0].control == "RP":
            pairs[-1] = (*pairs[-1], asked)
        else:
            pairs.append((asked,))
    return pairs


def _left_out(arrival: Arrival, pair: tuple[Asked, ...]) -> list[str]:
    """Of the stay, where the order takes its details from the message."""
    control = CONTROLS.get(pair[0].control)
    speaks = control is not None and control.verb in {"place", "change", "replace"}
    return left_out(arrival, pair[-1].fields) if speaks else []


def _act(arrival: Arrival, pair: tuple[Asked, ...], patient: Patient, done: Done) -> str:
    """Do it, and say what was done."""
    asked = pair[0]
    control = CONTROLS.get(asked.control)
    if control is None:
        raise refused("This order control is not known here.", code=TABLE_VALUE_NOT_FOUND, location="ORC^1^1")
    if not control.verb:
        raise _unable(asked, refused(f"{control.words}: this is not done here.", code=TABLE_VALUE_NOT_FOUND))
    try:
        if control.verb == "change" and (there := _superseded(arrival, asked, patient)):
            done.answers.append(asked.answer(control.did, there))
            return f"{asked.control}: order {there.filler_number} was not changed: something newer of it is known."
        order = own(arrival, partial(_do, control.verb, arrival, pair, patient), kinds=ENDS)
    except DomainError as error:
        raise _unable(asked, Refused(fault_of(error))) from error
    except Refused as error:
        raise _unable(asked, error) from None
    note_whereabouts(arrival, pair[-1], order)
    done.answers.append(asked.answer(control.did, order))
    if len(pair) > 1:
        done.answers.append(pair[1].answer(REPLACEMENT, order))
    if control.verb in {"place", "change", "replace"}:
        note_dangers(arrival, pair[-1], patient)
        done.orders.append(order.pk)
    done.provides.append(order_key(arrival.site.pk, Number(order.placer_issuer, order.placer_number)))
    return f"{asked.control}: order {order.filler_number} is {order.state}."


def _do(verb: str, arrival: Arrival, pair: tuple[Asked, ...], patient: Patient) -> Order:
    return _replace(arrival, pair, patient) if verb == "replace" else VERBS[verb](arrival, pair[0], patient)


def _superseded(arrival: Arrival, asked: Asked, patient: Patient) -> Order | None:
    """The order, where a message that was written later gave its details already."""
    order = existing(arrival, asked, patient)
    return order if newer_of_order(arrival, order, patient) else None


def _unable(asked: Asked, error: Refused) -> Refused:
    """The refusal with "unable to", as ORC-1 of the answer says it."""
    control = CONTROLS[asked.control]
    answer = asked.answer(control.unable)
    return Refused(*error.faults, answers=[answer])


def _patient(arrival: Arrival) -> Patient:
    """The patient of the message; registered from it only where a new order may do that.

    The sender may say that its orders do, or have merged the record away already: it tells of that no more (A40).
    """
    patient = person_of(numbers_of(arrival, arrival.message.first("PID"), 3))
    new = patient is None and any(asked.control == "NW" for asked in orders_of(arrival))
    if new and (arrival.sender.registers_from_orders or waits_to_be_merged(arrival)):
        return register(arrival)
    return patient or required_person(arrival)


def _place(arrival: Arrival, asked: Asked, patient: Patient) -> Order:
    if not asked.placer:
        raise refused("A new order needs its number in ORC-2.", code=REQUIRED_FIELD_MISSING, location="ORC^1^2")
    if orders_numbered(arrival.site.pk, asked.known_by).exists():
        raise refused("There is an order of this number.", code=DUPLICATE_KEY_IDENTIFIER, location="ORC^1^2")
    procedures, details = procedures_of(arrival, asked), details_in(arrival, asked)
    order = place_order(
        patient,
        site=arrival.site,
        procedures=procedures,
        details=with_told(arrival, asked, details),
        by=arrival.by,
        sides=sides_of(arrival, asked, procedures),
    )
    answer_questions(arrival, asked, order)
    return order


def _change(arrival: Arrival, asked: Asked, patient: Patient) -> Order:
    """Other details; another procedure or side is another order in its place."""
    order = existing(arrival, asked, patient)
    require_all_exams(asked, order)
    if asked.parts:
        procedures = procedures_of(arrival, asked)
        sides = sides_kept(procedures, sides_of(arrival, asked, procedures), order)
        wanted = [(procedure.pk, side) for procedure, side in zip(procedures, sides, strict=True)]
        if sorted(wanted) != sorted(order.procedures.values_list("procedure_id", "laterality")):
            return _instead(arrival, order, asked, sides)
    answer_questions(arrival, asked, order)
    details = with_told(arrival, asked, details_of(order, **changes_of(arrival, asked)))
    return modify_order(order, details=details, revision=order.revision, by=arrival.by)


def _cancel(arrival: Arrival, asked: Asked, patient: Patient) -> Order:
    order = existing(arrival, asked, patient)
    require_all_exams(asked, order)
    return cancel_order(order, reason=_why(asked), by=arrival.by)


def _discontinue(arrival: Arrival, asked: Asked, patient: Patient) -> Order:
    """One that has not begun is cancelled: there is nothing to break off."""
    order = existing(arrival, asked, patient)
    require_all_exams(asked, order)
    if ORDER.allows(order, "cancel"):
        return cancel_order(order, reason=_why(asked), by=arrival.by)
    return discontinue_order(order, reason=_why(asked), by=arrival.by)


def _note(arrival: Arrival, asked: Asked, patient: Patient) -> Order:
    """SC: only what ends the order at the placer changes anything; our own devices tell the rest."""
    verb = STATUS_VERBS.get(asked.fields.text("order.status").upper())
    return VERBS[verb](arrival, asked, patient) if verb else existing(arrival, asked, patient)


def _number(arrival: Arrival, asked: Asked, patient: Patient) -> Order:
    """NA: the placer's number of an order that began here, which is named by ours."""
    if not (asked.placer and asked.filler):
        words = "A number is assigned to an order of ours: the placer's number in ORC-2, ours in ORC-3."
        raise refused(words, code=REQUIRED_FIELD_MISSING, location="ORC^1^2")
    order = existing(arrival, asked, patient)
    return take_placer_number(order, number=asked.placer, issuer=asked.known_by.issuer, by=arrival.by)


def _replace(arrival: Arrival, pair: tuple[Asked, ...], patient: Patient) -> Order:
    if len(pair) > 2:
        words = "One order takes the place of one: send the others as new orders (NW)."
        raise refused(words, code=SEGMENT_SEQUENCE, location="ORC^3^1")
    order = existing(arrival, pair[0], patient)
    if len(pair) > 1:
        require_all_exams(pair[0], order)
    return _instead(arrival, order, pair[-1])


def _instead(arrival: Arrival, order: Order, asked: Asked, kept: list[str] | None = None) -> Order:
    """Another order in its place, on the sides of the message or those that are `kept`, with the message's answers."""
    procedures = procedures_of(arrival, asked)
    number = asked.known_by if asked.placer else Number("", "")
    changed = with_told(arrival, asked, details_of(order, **changes_of(arrival, asked)))
    details = replace(changed, placer_number=number.value, placer_issuer=number.issuer)
    sides = sides_of(arrival, asked, procedures) if kept is None else kept
    instead = Replacement(procedures=procedures, details=details, reason=_why(asked), sides=sides)
    new = replace_order(order, instead=instead, by=arrival.by)
    answer_questions(arrival, asked, new)
    return new


VERBS: Final[dict[str, Act]] = {
    "place": _place,
    "change": _change,
    "cancel": _cancel,
    "discontinue": _discontinue,
    "note": _note,
    "number": _number,
}


def existing(arrival: Arrival, asked: Asked, patient: Patient) -> Order:
    """The order of the placer's number, else of ours. Raises Waits while there is none, Refused for another's."""
    related = ("patient__merged_into", "referrer")
    numbered = orders_numbered(arrival.site.pk, asked.known_by).select_related(*related)
    order = numbered.first() if asked.placer else None
    if order is None and asked.filler and _is_ours(arrival, asked):
        order = Order.objects.filter(site=arrival.site, filler_number=asked.filler).select_related(*related).first()
    if order is None and not asked.placer:
        words = "Which order? ORC-2 is empty, and nothing here has the number of ORC-3."
        raise refused(words, code=UNKNOWN_KEY_IDENTIFIER, location="ORC^1^2")
    if order is None:
        raise Waits(order_key(arrival.site.pk, asked.known_by), "The order is not known here yet.")
    if order.patient.current.pk != patient.pk:
        raise refused("This order is another patient's.", code=UNKNOWN_KEY_IDENTIFIER, location="PID^1^3")
    return order


def _is_ours(arrival: Arrival, asked: Asked) -> bool:
    """Whether ORC-3 is a number that we gave: it says so, or says nothing."""
    theirs = asked.fields.text("order.filler-issuer")
    return (arrival.translated("authority", theirs) or theirs) in {"", accession_issuer(arrival.site)}


def _why(asked: Asked) -> str:
    return asked.fields.text("order.cancel-reason") or asked.fields.text("order.reason") or WHY
