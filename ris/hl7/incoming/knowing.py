"""What a message says of a patient's safety: allergies of AL1, answers in OBX, PV1-15 (v2.5.1 3.4.6, 7.4.2, 3.4.3.15).

What can be understood is put on record; what cannot stays with the order as text. No order is refused for it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import date
from typing import Final

from django.utils import timezone

from ris.hl7.er7.message import Segment
from ris.hl7.incoming.arrival import Arrival
from ris.hl7.incoming.asking import Asked
from ris.hl7.incoming.moments import BadMoment, day_of
from ris.hl7.incoming.staying import priority_in
from ris.hl7.incoming.tables import (
    ANSWERS_OF,
    HARMLESS,
    NO_ALLERGIES,
    NO_ALLERGY,
    OBSERVED,
    PREGNANT,
    SEVERITIES,
    SNOMED,
    STANDING,
    TRANSPORTS,
)
from ris.orders.actions import Answer, OrderDetails, answer_safety
from ris.orders.models import Order
from ris.orders.questions import kinds_of
from ris.orders.safety import KINDS, fault_of_value
from ris.patients.actions import AlertData, add_alert
from ris.patients.models import Patient

NUMBER: Final = re.compile(r"[<>]?=?\s*(\d+(?:\.\d+)?)")
PER_MINUTE: Final = "ML/MIN"
LONGEST: Final = 200
# OBX-2 (table 0125): of which repetitions are lines, and what can be told in words
TEXTS: Final = frozenset({"ST", "TX", "FT"})
SIMPLE: Final = TEXTS | {"NM", "SN", "CE", "CWE", "DT"}


def note_allergies(arrival: Arrival, patient: Patient) -> None:
    """Each allergy of AL1 that is not on record becomes an alert.

    None is taken away: silence is no proof, and that none is known was said by somebody who knew of none.
    """
    known = set(patient.active_alerts.values_list("text", flat=True))
    for segment in arrival.message.all("AL1"):
        text = "" if _is_none(segment) else _allergy(segment)
        if text and text not in known:
            known.add(text)
            noted = _day(arrival, segment.text(6))
            data = AlertData(kind="allergy", text=text, noted_on=noted, source=arrival.sender.name)
            add_alert(patient, data, by=arrival.by)


def note_dangers(arrival: Arrival, asked: Asked, patient: Patient) -> None:
    """What OBR-12 warns of becomes an alert, as AL1 does: an infection, for it asks those who touch to take care."""
    known = set(patient.active_alerts.values_list("text", flat=True))
    for said in asked.fields.every("order.danger") or []:
        text = " ".join(said.split())[:LONGEST]
        if text.upper() not in HARMLESS and text not in known:
            known.add(text)
            data = AlertData(kind="infection", text=text, noted_on=_day(arrival, ""), source=arrival.sender.name)
            add_alert(patient, data, by=arrival.by)


def _is_none(segment: Segment) -> bool:
    """That no allergy is known: by the code of SNOMED CT, else by the words, else by the code that stands for them.

    One with a reaction (AL1-5) is one, whatever it is called.
    """
    code, words, scheme = (segment.text(3, part).strip() for part in (1, 2, 3))
    if segment.field(5):
        return False
    if code in NO_ALLERGIES and (not scheme or scheme.upper() in SNOMED):
        return True
    return NO_ALLERGY.fullmatch(" ".join((words or code).upper().split())) is not None


def _allergy(segment: Segment) -> str:
    """The substance, how grave, and what it does: Iodine: severe, hives."""
    what = segment.text(3, 2).strip() or segment.text(3).strip()
    reactions = [segment.text(5, repetition=place) for place in range(1, len(segment.field(5)) + 1)]
    how = ", ".join(part.strip() for part in (SEVERITIES.get(segment.text(4), ""), *reactions) if part.strip())
    return f"{what}: {how}"[:LONGEST] if what and how else what[:LONGEST]


def answers_named(arrival: Arrival, asked: Asked) -> set[str]:
    """The questions that the message answers, as fields of which it speaks."""
    return {f"answer {one.kind}" for one in _answers(arrival, asked)}


def answer_questions(arrival: Arrival, asked: Asked, order: Order, *, newer: Collection[str] = ()) -> None:
    """Answer what the exams of the order ask, where the message does and nothing newer did."""
    answers = [one for one in _answers(arrival, asked) if f"answer {one.kind}" not in newer]
    wanted = kinds_of(order) if answers else []
    for answer in answers:
        if answer.kind in wanted:
            answer_safety(order, answer=answer, by=arrival.by)


def _answers(arrival: Arrival, asked: Asked) -> Iterable[Answer]:
    """Those of OBX; that somebody is pregnant (PV1-15) comes last and stands."""
    for segment in _observations(asked):
        kind, value = _kind(arrival, segment), _value(arrival, segment)
        if kind and value:
            source = f"{arrival.sender.name}, {segment.text(3, 2) or segment.text(3)}"[:80]
            yield Answer(kind=kind, value=value, measured_on=_day(arrival, segment.text(14)), source=source)
    visits = [segment for segment in asked.fields.segments if segment.name == "PV1"]
    if any(repetition[0][0] == PREGNANT for segment in visits for repetition in segment.field(15)):
        source = f"{arrival.sender.name}, PV1-15"
        yield Answer(kind="pregnancy", value="yes", measured_on=_day(arrival, ""), source=source)


def _observations(asked: Asked) -> list[Segment]:
    return [one for one in asked.fields.segments if one.name == "OBX" and one.text(11) in STANDING]


def _kind(arrival: Arrival, segment: Segment) -> str:
    code = segment.text(3)
    kind = arrival.translated("observed", code) or OBSERVED.get(code, "")
    return kind if kind in KINDS else ""


def _value(arrival: Arrival, segment: Segment) -> str:
    """Our answer; empty where the value cannot be one."""
    kind = _kind(arrival, segment)
    if not kind or len(segment.texts(5, 1, 2)) > 1:
        return ""
    said = segment.text(5, 2) if segment.text(2) == "SN" else segment.text(5)
    if KINDS[kind].choices:
        found = arrival.translated("answer", said) or ANSWERS_OF.get(said.upper(), said.lower())
    else:
        match = NUMBER.fullmatch(said.strip())
        unit = segment.text(6).upper()
        found = match[1] if match and (not unit or unit.startswith(PER_MINUTE)) else ""
    return "" if fault_of_value(kind, found) else found


def with_told(arrival: Arrival, asked: Asked, details: OrderDetails) -> OrderDetails:
    """The details, with each line that is told and that their clinical question does not hold yet."""
    question = details.clinical_question
    for line in told(arrival, asked):
        if f"\n{line}\n" not in f"\n{question}\n":
            question = f"{question}\n{line}".strip("\n")
    return replace(details, clinical_question=question)


def told(arrival: Arrival, asked: Asked) -> list[str]:
    """What has no place of its own, as lines: other observations (Body weight: 82 kg), transport, a priority."""
    lines = []
    for segment in _observations(asked):
        value = _words_of(segment) if segment.text(2) in SIMPLE else ""
        if value and not _value(arrival, segment):
            lines.append(f"{segment.text(3, 2) or segment.text(3)}: {value} {segment.text(6)}".strip())
    return [*lines, *_unplaced(arrival, asked)]


def _unplaced(arrival: Arrival, asked: Asked) -> Iterable[str]:
    transport, priority = (" ".join(asked.fields.text(f"order.{name}").split()) for name in ("transport", "priority"))
    if transport:
        yield f"Transport: {TRANSPORTS.get(transport.upper(), transport)}"
    if priority and not priority_in(arrival, asked.fields):
        yield f"Priority as it was sent: {priority}"


def _words_of(segment: Segment) -> str:
    """OBX-5 with all its repetitions: lines of text, else a list; a number with all its parts (SN: > 90, 1 : 128)."""
    parts = range(1, 5) if segment.text(2) == "SN" else range(1, 3)
    each = [
        " ".join(filter(None, (segment.text(5, part, repetition=place).strip() for part in parts)))
        for place in range(1, len(segment.field(5)) + 1)
    ]
    return ("\n" if segment.text(2) in TEXTS else ", ").join(filter(None, each))


def _day(arrival: Arrival, text: str) -> date:
    """The day in the message, else that on which it was written; today at the latest."""
    zone = arrival.site.zone
    today = timezone.localdate(timezone=zone)
    try:
        said = day_of(text) if text else None
    except BadMoment:
        said = None
    return min(said or (arrival.at.astimezone(zone).date() if arrival.at else today), today)
