"""What a patient is told of an exam, in a language: its name, how to prepare, and whether a message may say so."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ris.orders.models import Procedure, ProcedureText


@dataclass(frozen=True, slots=True)
class Told:
    """`name` and `preparation` as the patient reads them; `is_named` and `is_discreet` as the catalogue has it."""

    name: str
    preparation: str
    is_named: bool
    is_discreet: bool


def told_in(language: str, procedures: Iterable[Procedure]) -> list[Told]:
    """Each procedure once, in order; what nobody translated stays as the catalogue has it. One query."""
    once = list(dict.fromkeys(procedures))
    rows = ProcedureText.objects.filter(procedure__in=once, language=language)
    texts = {row.procedure_id: row for row in rows}
    return [_told(procedure, texts.get(procedure.pk)) for procedure in once]


def _told(procedure: Procedure, text: ProcedureText | None) -> Told:
    return Told(
        name=(text and text.name.strip()) or procedure.name,
        preparation=((text and text.preparation) or procedure.preparation).strip(),
        is_named=procedure.told == "name",
        is_discreet=procedure.told == "discreet",
    )
