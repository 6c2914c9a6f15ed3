"""Who a message is about: by the numbers of PID-3 with their authorities, never by name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields as fields_of
from datetime import date
from typing import Any, Final

from django.db.models import Q

from ris.hl7.er7.errors import (
    DATA_TYPE_ERROR,
    DUPLICATE_KEY_IDENTIFIER,
    REQUIRED_FIELD_MISSING,
    UNKNOWN_KEY_IDENTIFIER,
)
from ris.hl7.er7.message import Segment
from ris.hl7.incoming.arrival import Arrival
from ris.hl7.incoming.contacts import contacts_of
from ris.hl7.incoming.keys import Number, patient_key
from ris.hl7.incoming.moments import BadMoment, day_of
from ris.hl7.incoming.outcomes import Waits, refused
from ris.hl7.incoming.tables import SEXES, numbers_a_person
from ris.patients.actions import PatientData, add_identifier, register_patient
from ris.patients.models import Patient, PatientIdentifier
from ris.patients.names import folded, to_pn

NAMES: Final = {
    "family_name": "person.family",
    "given_name": "person.given",
    "middle_name": "person.middle",
    "suffix": "person.suffix",
    "prefix": "person.prefix",
}


def numbers_of(arrival: Arrival, segment: Segment, field: int) -> list[Number]:
    """The numbers of a person in a CX field, not those of accounts or visits. Raises Refused when there is none."""
    found = []
    for place in range(1, len(segment.field(field)) + 1):
        value = segment.text(field, repetition=place).strip()
        authority = segment.text(field, 4, repetition=place) or segment.text(field, 4, 2, repetition=place)
        kind = segment.text(field, 5, repetition=place).strip()
        kind = arrival.translated("identifier", kind) or kind
        if value and numbers_a_person(kind, authority=bool(authority.strip())):
            own = arrival.translated("authority", authority) or authority.strip()
            found.append(Number(own or arrival.sender.default_issuer, value))
    if not found:
        words = (
            f"{segment.name}-{field} holds no number of a person: nobody is identified by name, account or visit here. "
            f"An administrator can translate a type of number for {arrival.sender.name}."
        )
        raise refused(words, code=REQUIRED_FIELD_MISSING, location=f"{segment.name}^1^{field}")
    return found


def person_of(numbers: Iterable[Number], *, location: str = "PID^1^3", beside: Patient | None = None) -> Patient | None:
    """The person with one of these numbers. Raises Refused when they are of two persons.

    Some may be of the person `beside` too, who is about to be merged: that one is named where nobody else is.
    """
    people = {record.current.pk: record.current for record in records_of(numbers)}
    if beside is not None and len(people) > 1:
        people.pop(beside.pk, None)
    if len(people) > 1:
        words = "These numbers are of different patients here. Merge the records first, or correct the numbers."
        raise refused(words, code=DUPLICATE_KEY_IDENTIFIER, location=location)
    return next(iter(people.values()), None)


def records_of(numbers: Iterable[Number]) -> list[Patient]:
    """The records that have these numbers, each once."""
    wanted = Q(pk__in=[])
    for number in numbers:
        wanted |= Q(issuer=number.issuer, value=number.value)
    rows = PatientIdentifier.objects.filter(wanted).select_related("patient__merged_into").order_by("pk")
    return list({row.patient.pk: row.patient for row in rows}.values())


def required_person(arrival: Arrival) -> Patient:
    """The patient of PID. Raises Waits when nobody here has the number."""
    numbers = numbers_of(arrival, arrival.message.first("PID"), 3)
    patient = person_of(numbers)
    if patient is None:
        raise waits_for(numbers, "The patient is not known here yet.")
    return patient


def waits_for(numbers: Iterable[Number], words: str) -> Waits:
    """Nobody has any of these numbers yet: whoever has one first is the person."""
    first, *others = map(patient_key, numbers)
    return Waits(first, words, also=others)


def data_of(patient: Patient | None, said: Mapping[str, Any]) -> PatientData:
    """What is known of the patient with what a message says."""
    known: dict[str, Any] = {"family_name": ""}
    if patient is not None:
        known = {field.name: getattr(patient, field.name) for field in fields_of(PatientData)}
    return PatientData(**(known | dict(said)))


def said_of(arrival: Arrival, patient: Patient | None) -> dict[str, Any]:
    """What the message says of a person: empty says nothing, two quotes delete. A year alone is no date of birth."""
    said: dict[str, Any] = {}
    for name, target in NAMES.items():
        value = arrival.fields.given(target)
        if value is not None:
            said[name] = value
    sex = arrival.fields.given("person.sex")
    if sex is not None:
        said["sex"] = arrival.code("sex", sex, SEXES, arrival.fields.location("person.sex")) if sex else ""
    birth = arrival.fields.given("person.birth")
    if birth is not None:
        said["birth_date"] = _birth(arrival, birth, patient.birth_date if patient else None)
    return said | contacts_of(arrival) | _other_scripts(arrival)


def _birth(arrival: Arrival, text: str, known: date | None) -> date | None:
    try:
        return (day_of(text) or known) if text else None
    except BadMoment:
        location = arrival.fields.location("person.birth")
        raise refused("The date of birth is no date: YYYYMMDD.", code=DATA_TYPE_ERROR, location=location) from None


def _other_scripts(arrival: Arrival) -> dict[str, str]:
    """Repetitions of PID-5 in ideographs (XPN.8 I) and phonetic script (P)."""
    pid, found = arrival.message.first("PID"), {}
    for place in range(1, len(pid.field(5)) + 1):
        group = {"I": "ideographic", "P": "phonetic"}.get(pid.text(5, 8, repetition=place))
        if group:
            found[group] = to_pn(*(pid.text(5, part, repetition=place) for part in (1, 2, 3)))
    return found


def register(arrival: Arrival) -> Patient:
    """A new person with all numbers of PID-3: the site's own as theirs, the others beside it."""
    numbers = numbers_of(arrival, arrival.message.first("PID"), 3)
    own = next((number for number in numbers if number.issuer == arrival.site.patient_id_issuer), None)
    data = data_of(None, said_of(arrival, None))
    patient = register_patient(data, site=arrival.site, by=arrival.by, number=own.value if own else "")
    for number in numbers:
        if number != own:
            add_identifier(patient, issuer=number.issuer, value=number.value, by=arrival.by)
    return patient


def add_new_numbers(arrival: Arrival, patient: Patient, numbers: Iterable[Number]) -> None:
    """Numbers of PID-3 that nobody had yet are this patient's."""
    for number in numbers:
        if not PatientIdentifier.objects.filter(issuer=number.issuer, value=number.value).exists():
            add_identifier(patient, issuer=number.issuer, value=number.value, by=arrival.by)


def require_same_person(arrival: Arrival, *people: Patient) -> None:
    """PID has another name and another day of birth than its number has here: somebody is wrong (DESIGN.md §5.10).

    `people` are the record of the number and, where that was merged away, the one that stands for it: either will do.
    """
    family, birth = arrival.fields.text("person.family"), arrival.fields.text("person.birth")
    said = _birth(arrival, birth, None)
    if not family or said is None:
        return
    if all(_is_another(one, family, said) for one in people):
        words = "This number is of a patient with another name and another date of birth. Nothing was done."
        raise refused(words, code=UNKNOWN_KEY_IDENTIFIER, location="PID^1^3")


def _is_another(patient: Patient, family: str, born: date) -> bool:
    if patient.birth_date is None:
        return False
    return folded(family) != folded(patient.family_name) and born != patient.birth_date
