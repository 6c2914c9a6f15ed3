"""Merges that came before anything else was known of the record that they end (ADT A40; IHE RAD-12)."""

from __future__ import annotations

from ris.hl7.incoming.arrival import Arrival
from ris.hl7.incoming.keys import patient_key, waiting_for
from ris.hl7.incoming.persons import numbers_of
from ris.hl7.incoming.tables import MERGE


def waits_to_be_merged(arrival: Arrival) -> bool:
    """Whether this sender ended the record of PID-3 by a merge that waits for it here."""
    keys = [patient_key(number) for number in numbers_of(arrival, arrival.message.first("PID"), 3)]
    return waiting_for(keys).filter(sender=arrival.sender, kind=MERGE).exists()
