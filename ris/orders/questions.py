"""Which questions of safety an order asks, with their answers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.utils import timezone

from ris.orders.models import Order, Procedure, RequestedProcedure, SafetyAnswer
from ris.orders.safety import KINDS, Kind, asked_by
from ris.patients.models import Patient


@dataclass(frozen=True, slots=True)
class Question:
    """One question: its kind, its newest answer for this order, and what was said for another order before."""

    kind: str
    about: Kind
    answer: SafetyAnswer | None
    before: SafetyAnswer | None


def questions_of(order: Order) -> list[Question]:
    """Every question that an exam of the order asks, and every one that was answered anyhow; three queries."""
    answers = {row.kind: row for row in SafetyAnswer.objects.filter(order=order, current=True)}
    kinds = [*kinds_of(order), *answers]
    before = earlier_answers(order.patient, besides=order)
    return [Question(kind, KINDS[kind], answers.get(kind), before.get(kind)) for kind in dict.fromkeys(kinds)]


def kinds_of(order: Order) -> list[str]:
    """In the order of the catalogue, each once."""
    return kinds_for((item.procedure for item in order.procedures.select_related("procedure")), order.patient)


def kinds_for(procedures: Iterable[Procedure], person: Patient) -> list[str]:
    """What these procedures ask of this person, each once. No query."""
    age = _years(person)
    asked = [
        kind
        for row in procedures
        for kind in asked_by(modality=row.modality, contrast=row.contrast, sex=person.sex, age=age)
    ]
    return list(dict.fromkeys(asked))


def earlier_answers(person: Patient, *, besides: Order | None = None) -> dict[str, SafetyAnswer]:
    """The newest answer of each kind of the person, to any order but one."""
    rows = SafetyAnswer.objects.filter(patient__in=Patient.objects.family(person))
    if besides is not None:
        rows = rows.exclude(order=besides)
    newest: dict[str, SafetyAnswer] = {}
    for row in rows.order_by("-measured_on", "-pk")[:100]:
        newest.setdefault(row.kind, row)
    return newest


def not_asked(requested: Iterable[RequestedProcedure]) -> dict[int, list[str]]:
    """{order: labels of questions that its exams ask and nobody answered}; one query.

    Reads procedure, order and patient of each: select them.
    """
    exams: dict[int, list[RequestedProcedure]] = defaultdict(list)
    for item in requested:
        exams[item.order_id].append(item)
    given = _given(exams)
    found = {}
    for order_id, items in exams.items():
        kinds = kinds_for([item.procedure for item in items], items[0].order.patient)
        found[order_id] = [KINDS[kind].label for kind in kinds if kind not in given[order_id]]
    return {order_id: labels for order_id, labels in found.items() if labels}


def _given(order_ids: Collection[int]) -> dict[int, set[str]]:
    found: dict[int, set[str]] = defaultdict(set)
    rows = SafetyAnswer.objects.filter(order__in=order_ids, current=True)
    for order_id, kind in rows.values_list("order_id", "kind"):
        found[order_id].add(kind)
    return found


def _years(person: Patient) -> int | None:
    if person.birth_date is None:
        return None
    today = timezone.localdate()
    born = person.birth_date
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))
