"""ORM, OMI, OMG: what is done by ORC-1 (table 0119), by the actions that the pages call."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from ris.core.errors import DomainError
from ris.hl7.er7.errors import (
    DUPLICATE_KEY_IDENTIFIER,
    REQUIRED_FIELD_MISSING,
    TABLE_VALUE_NOT_FOUND,
    UNKNOWN_KEY_IDENTIFIER,
)
from ris.hl7.incoming.arrival import Arrival
from ris.hl7.incoming.asking import Asked, details_in, orders_of, procedures_of, require_all_exams, sides_of
from ris.hl7.incoming.changing import change, replaced, spoken_of, why_of
from ris.hl7.incoming.faults import AGAIN, fault_of
from ris.hl7.incoming.keys import Number, keys_of_patient, order_key, orders_numbered
from ris.hl7.incoming.knowing import answer_questions, note_allergies, note_dangers, with_told
from ris.hl7.incoming.merging import note_ended, require_one_of_them, waits_to_be_merged
from ris.hl7.incoming.newer import newer_of_ward
from ris.hl7.incoming.outcomes import Done, Refused, Waits, refused
from ris.hl7.incoming.owning import own
from ris.hl7.incoming.persons import numbers_of, person_of, register, required_person
from ris.hl7.incoming.staying import left_out
from ris.hl7.incoming.tables import CONTROLS, REPLACEMENT, STATUS_VERBS, Control, unable
from ris.hl7.incoming.whereabouts import WARD, note_whereabouts, ward_of
from ris.orders.actions import cancel_order, discontinue_order, place_order
from ris.orders.actions.numbering import take_placer_number
from ris.orders.lifecycle import ORDER
from ris.orders.models import Order
from ris.orders.numbers import accession_issuer
from ris.patients.models import Patient

WITH_ANOTHER: Final = "Not done, as another order of this message could not be."
# What takes an order's details from the message
SPEAKING: Final = frozenset({"place", "change", "replace"})
# What a placer is told unasked; of its own message the answer tells it (ORR, ORI, ORG).
ENDS: Final = ("order.cancelled", "order.discontinued", "order.replaced")
Pair = tuple[Asked, ...]
Act = Callable[[Arrival, Asked, Patient], Order]


def orders(arrival: Arrival) -> Done:
    """All orders of the message, or none of them: a refusal names each."""
    pairs = _paired(orders_of(arrival))
    done, at = Done(words=""), None
    words: list[str] = []
    unkept: dict[str, None] = {}
    try:
        patient = _whose(arrival, done)
        for pair in pairs:
            at = pair
            words.append(_act(arrival, pair, patient, done))
            unkept |= dict.fromkeys(_left_out(arrival, pair))
    except AGAIN:
        raise
    except DomainError as error:
        raise _refused(pairs, at, Refused(fault_of(error))) from error
    except Refused as error:
        raise _refused(pairs, at, error) from None
    done.words = " ".join([*words, *unkept])
    return done


def _whose(arrival: Arrival, done: Done) -> Patient:
    """The patient, with what the message says of their safety on record."""
    patient = _patient(arrival)
    require_one_of_them(arrival, patient)
    note_allergies(arrival, patient)
    note_ended(arrival, done, patient)
    done.patient, done.provides = patient.pk, keys_of_patient(patient)
    return patient


def _refused(pairs: Sequence[Pair], at: Pair | None, error: Refused) -> Refused:
    """Each order with "unable to", as ORC-1 of the answer says it: why this one, or that another of them was not."""
    answers = []
    for pair in pairs:
        why = str(error) if at in {None, pair} else WITH_ANOTHER
        answers += [asked.answer(unable(asked.control), why=why) for asked in pair]
    return Refused(*error.faults, rejected=error.rejected, answers=answers)


def _paired(found: list[Asked]) -> list[Pair]:
    """An RP goes with the ROs that follow it (chapter 4.2.4.1): what RP observes is known of each of them."""
    pairs: list[Pair] = []
    for asked in found:
        if asked.control == REPLACEMENT and pairs and pairs[-1][0].control == "RP":
            pairs[-1] = (*pairs[-1], asked.observing(pairs[-1][0]))
        else:
            pairs.append((asked,))
    return pairs


def _left_out(arrival: Arrival, pair: Pair) -> list[str]:
    """Of the stay, where the order takes its details from the message."""
    control = CONTROLS.get(pair[0].control)
    speaks = control is not None and control.verb in SPEAKING
    return [words for asked in pair[1:] or pair for words in left_out(arrival, asked.fields)] if speaks else []


def _act(arrival: Arrival, pair: Pair, patient: Patient, done: Done) -> str:
    """Do it, and say what was done."""
    asked = pair[0]
    control = CONTROLS.get(asked.control)
    if control is None:
        raise refused("This order control is not known here.", code=TABLE_VALUE_NOT_FOUND, location="ORC^1^1")
    if not control.verb:
        raise refused(f"{control.words}: this is not done here.", code=TABLE_VALUE_NOT_FOUND)
    new = own(arrival, lambda: _do(control.verb, arrival, pair, patient, done), kinds=ENDS)
    done.answers.append(asked.answer(control.did, new[0]))
    done.answers += [one.answer(REPLACEMENT, order) for one, order in zip(pair[1:], new, strict=bool(pair[1:]))]
    for one, order in zip(pair[1:] or pair, new, strict=True):
        _note(arrival, one, order, control, done)
    return " ".join(f"{asked.control}: order {order.filler_number} is {order.state}." for order in new)


def _do(verb: str, arrival: Arrival, pair: Pair, patient: Patient, done: Done) -> list[Order]:
    asked = pair[0]
    if verb == "replace":
        return replaced(arrival, pair, existing(arrival, asked, patient))
    if verb == "change":
        return [change(arrival, asked, existing(arrival, asked, patient), done)]
    return [VERBS[verb](arrival, asked, patient)]


def _note(arrival: Arrival, asked: Asked, order: Order, control: Control, done: Done) -> None:
    """What goes with an order: where the patient lies, what to beware of, of what was spoken, who waited for it."""
    if WARD not in newer_of_ward(arrival, order):
        note_whereabouts(arrival, asked, order)
    if control.verb in SPEAKING:
        note_dangers(arrival, asked, order.patient.current)
        done.orders.append(order.pk)
        done.tell("order", order.pk, spoken_of(arrival, asked))
    elif ward_of(asked.fields):
        done.tell("order", order.pk, [WARD])
    done.provides.append(order_key(arrival.site.pk, Number(order.placer_issuer, order.placer_number)))


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


def _cancel(arrival: Arrival, asked: Asked, patient: Patient) -> Order:
    order = existing(arrival, asked, patient)
    require_all_exams(asked, order)
    return cancel_order(order, reason=why_of(asked), by=arrival.by)


def _discontinue(arrival: Arrival, asked: Asked, patient: Patient) -> Order:
    """One that has not begun is cancelled: there is nothing to break off."""
    order = existing(arrival, asked, patient)
    require_all_exams(asked, order)
    if ORDER.allows(order, "cancel"):
        return cancel_order(order, reason=why_of(asked), by=arrival.by)
    return discontinue_order(order, reason=why_of(asked), by=arrival.by)


def _status(arrival: Arrival, asked: Asked, patient: Patient) -> Order:
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


VERBS: Final[dict[str, Act]] = {
    "place": _place,
    "cancel": _cancel,
    "discontinue": _discontinue,
    "note": _status,
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
