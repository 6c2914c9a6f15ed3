"""XO and RP: what of an order changes, and what takes its place (table 0119).

Field by field: what was written earlier and comes later changes what nothing newer spoke of.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any

from ris.hl7.er7.errors import DUPLICATE_KEY_IDENTIFIER, REQUIRED_FIELD_MISSING
from ris.hl7.incoming.arrival import Arrival
from ris.hl7.incoming.asking import Asked, changes_of, procedures_of, require_all_exams, sides_kept, sides_of
from ris.hl7.incoming.keys import Number, orders_numbered
from ris.hl7.incoming.knowing import answer_questions, answers_named, told, with_told
from ris.hl7.incoming.newer import differing, newer_of_order, stays
from ris.hl7.incoming.outcomes import Done, Refused, refused
from ris.hl7.incoming.whereabouts import WARD, ward_of
from ris.orders.actions import OrderDetails, Replacement, details_of, modify_order, replace_by_several
from ris.orders.models import Order, Procedure

WHY = "by the ordering system"
PROCEDURES, TOLD, QUESTION = "procedures", "told", "clinical_question"
Exams = tuple[list[Procedure], list[str]]


def spoken_of(arrival: Arrival, asked: Asked) -> set[str]:
    """The fields of an order of which the message speaks."""
    names = {*changes_of(arrival, asked), *answers_named(arrival, asked)}
    also = {PROCEDURES: asked.parts, TOLD: told(arrival, asked), WARD: ward_of(asked.fields)}
    return names | {name for name, said in also.items() if said}


def change(arrival: Arrival, asked: Asked, order: Order, done: Done) -> Order:
    """Other details; another procedure or side is another order in its place. What is newer stays, and that is said."""
    newer = newer_of_order(arrival, order)
    said = changes_of(arrival, asked)
    stay = differing({name: value for name, value in said.items() if name in newer}, order)
    exams = None
    if PROCEDURES not in newer:
        require_all_exams(asked, order)
        exams = _exams(arrival, asked, order)
    elif _asks_for_another(arrival, asked, order):
        stay.append(PROCEDURES)
    stays(done, stay)
    details = _details(arrival, asked, order, newer)
    if exams is not None:
        return _replaced(arrival, order, [(asked, *exams, details)])[0]
    answer_questions(arrival, asked, order, newer=newer)
    return modify_order(order, details=details, revision=order.revision, by=arrival.by)


def _asks_for_another(arrival: Arrival, asked: Asked, order: Order) -> bool:
    """Whether something else was to be done, be it in our catalogue or not."""
    try:
        return _exams(arrival, asked, order) is not None
    except Refused:
        return True


def _exams(arrival: Arrival, asked: Asked, order: Order) -> Exams | None:
    """What is to be done instead of what the order says; None where that stays."""
    if not asked.parts:
        return None
    procedures = procedures_of(arrival, asked)
    sides = sides_kept(procedures, sides_of(arrival, asked, procedures), order)
    wanted = [(procedure.pk, side) for procedure, side in zip(procedures, sides, strict=True)]
    same = sorted(wanted) == sorted(order.procedures.values_list("procedure_id", "laterality"))
    return None if same else (procedures, sides)


def _details(arrival: Arrival, asked: Asked, order: Order, newer: Collection[str] = ()) -> OrderDetails:
    """The order's details with what the message says and nothing newer spoke of."""
    changes: dict[str, Any] = {name: value for name, value in changes_of(arrival, asked).items() if name not in newer}
    if QUESTION in changes and TOLD in newer:
        # What was told since are lines of it, and stay.
        lines = order.clinical_question.split("\n")
        lines += [line for line in changes[QUESTION].split("\n") if line not in lines]
        changes[QUESTION] = "\n".join(filter(None, lines))
    details = details_of(order, **changes)
    return details if QUESTION in newer else with_told(arrival, asked, details)


def replaced(arrival: Arrival, pair: Sequence[Asked], order: Order) -> list[Order]:
    """The orders in the place of one: those of RO that follow RP, or RP in itself, each with the message's answers."""
    rp, *ros = pair
    if ros:
        require_all_exams(rp, order)
    if len(ros) > 1 and (not all(one.placer for one in ros) or len({one.known_by for one in ros}) < len(ros)):
        words = "Each of several orders in the place of one needs its own number in ORC-2."
        raise refused(words, code=REQUIRED_FIELD_MISSING, location="ORC^2^2")
    found = []
    for asked in ros or [rp]:
        _require_free(arrival, asked, order)
        procedures = procedures_of(arrival, asked)
        details = _details(arrival, asked, order)
        found.append((asked, procedures, sides_of(arrival, asked, procedures), details))
    return _replaced(arrival, order, found)


def _require_free(arrival: Arrival, asked: Asked, order: Order) -> None:
    """The new number is of no other order; RP in itself keeps the old one's."""
    others = orders_numbered(arrival.site.pk, asked.known_by).exclude(pk=order.pk)
    if asked.placer and others.exclude(replaced_by__isnull=False).exists():
        raise refused("There is an order of this number.", code=DUPLICATE_KEY_IDENTIFIER, location="ORC^2^2")


def _replaced(
    arrival: Arrival, order: Order, found: Sequence[tuple[Asked, list[Procedure], list[str], OrderDetails]]
) -> list[Order]:
    instead = []
    for asked, procedures, sides, details in found:
        number = asked.known_by if asked.placer else Number("", "")
        numbered = replace(details, placer_number=number.value, placer_issuer=number.issuer)
        instead.append(Replacement(procedures=procedures, details=numbered, reason=why_of(asked), sides=sides))
    new = replace_by_several(order, instead=instead, by=arrival.by)
    for one, (asked, *_rest) in zip(new, found, strict=True):
        answer_questions(arrival, asked, one)
    return new


def why_of(asked: Asked) -> str:
    return asked.fields.text("order.cancel-reason") or asked.fields.text("order.reason") or WHY
