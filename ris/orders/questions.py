"""Which questions of safety an order asks, with their answers."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils import timezone

from ris.orders.models import Order, SafetyAnswer
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
    before = _earlier(order)
    return [Question(kind, KINDS[kind], answers.get(kind), before.get(kind)) for kind in dict.fromkeys(kinds)]


def kinds_of(order: Order) -> list[str]:
    """In the order of the catalogue, each once."""
    person = order.patient
    age = _years(person)
    asked = [
        kind
        for item in order.procedures.select_related("procedure")
        for kind in asked_by(
            modality=item.procedure.modality, contrast=item.procedure.contrast, sex=person.sex, age=age
        )
    ]
    return list(dict.fromkeys(asked))


def _earlier(order: Order) -> dict[str, SafetyAnswer]:
    """The newest answer of each kind to another order of the same person."""
    rows = SafetyAnswer.objects.filter(patient__in=Patient.objects.family(order.patient)).exclude(order=order)
    newest: dict[str, SafetyAnswer] = {}
    for row in rows.order_by("-measured_on", "-pk")[:100]:
        newest.setdefault(row.kind, row)
    return newest


def _years(person: Patient) -> int | None:
    if person.birth_date is None:
        return None
    today = timezone.localdate()
    born = person.birth_date
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))
