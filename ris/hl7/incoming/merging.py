"""Records that a merge ended (ADT A40; IHE RAD-12, ITI-30): before anything was known of them, and afterwards.

Their number is not to be used any more. What comes under it all the same is of that record, be it late or a mistake:
who it is now keeps their own data, and the sender is told.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from ris.hl7.incoming.arrival import Arrival
from ris.hl7.incoming.keys import Number, patient_key, waiting_for
from ris.hl7.incoming.outcomes import Done
from ris.hl7.incoming.persons import numbers_of, records_of, require_same_person
from ris.hl7.incoming.record import Told
from ris.hl7.incoming.tables import MERGE
from ris.patients.models import Patient, PatientMerge

PLACE: Final = "PID^1^3"
DATA_STAY: Final = "This number was merged into another. Its own record has these data; who it is now keeps theirs."
ORDERED: Final = "This number was merged into another, whose this is now."


def waits_to_be_merged(arrival: Arrival) -> bool:
    """Whether this sender ended the record of PID-3 by a merge that waits for it here."""
    keys = [patient_key(number) for number in numbers_of(arrival, arrival.message.first("PID"), 3)]
    return waiting_for(keys).filter(sender=arrival.sender, kind=MERGE).exists()


def record_of(arrival: Arrival, patient: Patient, numbers: Iterable[Number]) -> Patient:
    """Whose data the message gives: the person's, unless all its numbers are of records that ended before."""
    holders = {_holder(record, arrival) for record in records_of(numbers)}
    return patient if patient in holders or not holders else min(holders, key=lambda one: one.pk)


def require_one_of_them(arrival: Arrival, patient: Patient) -> None:
    """PID says who the person is, or who the record of the number was that was merged away. Raises Refused."""
    numbers = numbers_of(arrival, arrival.message.first("PID"), 3)
    require_same_person(arrival, patient, record_of(arrival, patient, numbers))


def _holder(record: Patient, arrival: Arrival) -> Patient:
    """The record itself where the hospital ended it, or people here did after this was written; else who it is now.

    Of a merge that was made here the hospital may know nothing: to it the number goes on.
    """
    while record.merged_into_id is not None and (merge := _merge_of(record)) is not None:
        if _was_told(record) or (arrival.at is not None and arrival.at < merge.merged_at):
            return record
        record = merge.into
    return record


def _merge_of(record: Patient) -> PatientMerge | None:
    return PatientMerge.objects.filter(loser=record, undone_at__isnull=True).select_related("into").first()


def _was_told(record: Patient) -> bool:
    return Told.objects.filter(about="merge", target_id=record.pk).exists()


def note_ended(arrival: Arrival, done: Done, patient: Patient) -> None:
    """Tell the sender of an order or appointment that it names a number which the hospital ended."""
    records = records_of(numbers_of(arrival, arrival.message.first("PID"), 3))
    if patient not in records and any(one.merged_into_id is not None and _was_told(one) for one in records):
        done.note(ORDERED, PLACE)
