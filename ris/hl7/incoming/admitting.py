"""ADT: people come, change, turn out to be one, get another number (v2.5.1 chapter 3, IHE RAD-1, RAD-12)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from ris.hl7.er7.errors import DUPLICATE_KEY_IDENTIFIER, SEGMENT_SEQUENCE
from ris.hl7.er7.message import Message
from ris.hl7.incoming.arrival import Arrival
from ris.hl7.incoming.keys import Number, keys_of_patient
from ris.hl7.incoming.knowing import note_allergies
from ris.hl7.incoming.merging import DATA_STAY, PLACE, record_of, require_one_of_them
from ris.hl7.incoming.newer import differing, newer_of, stays
from ris.hl7.incoming.outcomes import Done, refused
from ris.hl7.incoming.persons import (
    add_new_numbers,
    data_of,
    numbers_of,
    person_of,
    records_of,
    register,
    required_person,
    said_of,
    waits_for,
)
from ris.patients.actions import identify_patient, merge_patients, retire_identifier, update_patient
from ris.patients.models import Patient, PatientIdentifier

REASON = "merged by the hospital's system (ADT A40)"


def admit(arrival: Arrival) -> Done:
    """A01, A04, A05, A28: known from now on.

    One that comes under the number of somebody with another name and another day of birth is refused: to correct who
    somebody is, a sender says so (A08, A31).
    """
    numbers = numbers_of(arrival, arrival.message.first("PID"), 3)
    patient = person_of(numbers)
    if patient is not None:
        require_one_of_them(arrival, patient)
        return _changed(arrival, patient)
    patient = register(arrival)
    note_allergies(arrival, patient)
    done = _done("The patient was registered.", patient)
    done.tell("patient", patient.pk, said_of(arrival, None))
    return done


def update(arrival: Arrival) -> Done:
    """A08, A31: what the message says of somebody who is known."""
    return _changed(arrival, required_person(arrival))


def merge(arrival: Arrival) -> Done:
    """A40: MRG-1 is the same person as PID-3, which stays; each pair of the message (3.3.40)."""
    return _each(arrival, _merge)


def renumber(arrival: Arrival) -> Done:
    """A47: the numbers of MRG-1 are replaced by those of PID-3."""
    return _each(arrival, _renumber)


def _each(arrival: Arrival, act: Callable[[Arrival], Done]) -> Done:
    """All pairs of PID and MRG, or none of them: each as if it stood alone below the header."""
    done = [act(replace(arrival, message=one, fields=arrival.over(one.segments))) for one in _pairs(arrival.message)]
    words = " ".join(dict.fromkeys(one.words for one in done))
    told = {about: names for one in done for about, names in one.told.items()}
    keys = [key for one in done for key in one.provides]
    return Done(words=words, patient=done[0].patient, provides=keys, told=told)


def _pairs(message: Message) -> list[Message]:
    """Each MRG with its PID, a message of its own; one with fewer than two of them as it came."""
    people = message.groups("PID")
    found = [(person, merged) for person in people for merged in person if merged.name == "MRG"]
    if len(found) < 2 and len(people) < 2:
        return [message]
    if len({person for person, _merged in found}) < len(people):
        raise refused("Not every PID has its MRG.", code=SEGMENT_SEQUENCE, location="MRG^1")
    head = message.segments[: message.segments.index(people[0][0])]
    return [replace(message, segments=(*head, person[0], merged)) for person, merged in found]


def _merge(arrival: Arrival) -> Done:
    old, new = _both(arrival)
    loser = person_of(old, location="MRG^1^1")
    if loser is None:
        raise waits_for(old, "The patient to be merged is not known here yet.")
    into = person_of(new, beside=loser) or register(arrival)
    ended = {loser, *records_of(old)} - {into, *records_of(new)}
    if loser.pk == into.pk:
        words = "These records were one person already."
    else:
        merge_patients(loser, into=into, reason=REASON, by=arrival.by)
        words = "Two records are one person now."
    add_new_numbers(arrival, into, new)
    done = _done(words, into)
    for record in ended:
        done.tell("merge", record.pk)
    return done


def _renumber(arrival: Arrival) -> Done:
    old, new = _both(arrival)
    patient, other = person_of(old, location="MRG^1^1"), person_of(new)
    if patient is None:
        raise waits_for(old, "Nobody here has the old number yet.")
    if other is not None and other.pk != patient.pk:
        words = "The new number is another patient's. Send A40 if they are one person."
        raise refused(words, code=DUPLICATE_KEY_IDENTIFIER, location="PID^1^3")
    add_new_numbers(arrival, record_of(arrival, patient, old), new)
    for number in set(old) - set(new):
        for row in PatientIdentifier.objects.filter(issuer=number.issuer, value=number.value, retired=False):
            retire_identifier(row, in_error=False, by=arrival.by)
    return _done("The patient has another number.", patient)


def _both(arrival: Arrival) -> tuple[list[Number], list[Number]]:
    message = arrival.message
    return numbers_of(arrival, message.first("MRG"), 1), numbers_of(arrival, message.first("PID"), 3)


def _changed(arrival: Arrival, patient: Patient) -> Done:
    """What is said of the record with this number, but for fields of which something newer spoke."""
    numbers = numbers_of(arrival, arrival.message.first("PID"), 3)
    record = record_of(arrival, patient, numbers)
    said, newer = said_of(arrival, record), newer_of(arrival, "patient", [record.pk])
    stay = differing({name: value for name, value in said.items() if name in newer}, record)
    data = data_of(record, {name: value for name, value in said.items() if name not in newer})
    act = identify_patient if record.temporary else update_patient
    record = act(record, data, by=arrival.by)
    add_new_numbers(arrival, record, numbers)
    note_allergies(arrival, record)
    done = _done("The patient's data are as sent.", record)
    if record.merged_into_id is not None:
        done.note(DATA_STAY, PLACE)
    stays(done, stay)
    done.tell("patient", record.pk, said)
    return done


def _done(words: str, patient: Patient) -> Done:
    return Done(words=words, patient=patient.pk, provides=keys_of_patient(patient))
