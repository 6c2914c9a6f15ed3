"""Of what something newer spoke: that is left as it is by what was written earlier and comes later.

Field by field, of the same sender, by its own clock. What a message does not speak of hides nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from ris.hl7.incoming.arrival import Arrival
from ris.hl7.incoming.outcomes import Done
from ris.hl7.incoming.record import InboundMessage, Told
from ris.orders.models import Order
from ris.patients.models import Patient

ORDER: Final = ("ORM^O01", "OMI^O23", "OMG^O19")
# How fields are called where a sender is told that they stay
WORDS: Final = {
    "birth_date": "date of birth",
    "phone": "telephone",
    "mobile": "mobile telephone",
    "email": "e-mail",
    "wanted_from": "time from which it is wanted",
    "referrer_name": "referrer",
    "procedures": "what is to be done",
    "told": "observations",
    "resource": "room",
    "start": "time",
    "minutes": "length",
    "state": "whether it stands",
}


def newer_of(arrival: Arrival, about: str, targets: Iterable[int]) -> frozenset[str]:
    """The fields of which messages spoke that were written later and are done."""
    if arrival.at is None:
        return frozenset()
    rows = Told.objects.filter(about=about, target_id__in=targets, message__sender=arrival.sender)
    later = rows.filter(message__written_at__gt=arrival.at)
    return frozenset(name for names in later.values_list("names", flat=True) for name in names)


def newer_of_order(arrival: Arrival, order: Order) -> frozenset[str]:
    """Of the order, and of those whose place it took."""
    line, one = [order.pk], order
    while one.replaces is not None:
        one = one.replaces
        line.append(one.pk)
    return newer_of(arrival, "order", line)


def newer_of_ward(arrival: Arrival, order: Order) -> frozenset[str]:
    """Of the order, and of the stay of its patient."""
    family = Patient.objects.family(order.patient).values_list("pk", flat=True)
    return newer_of_order(arrival, order) | newer_of(arrival, "patient", family)


def stays(done: Done, names: Iterable[str]) -> None:
    """Say what was left as it is."""
    words = sorted(WORDS.get(name, name.replace("_", " ")) for name in names)
    if words:
        done.note(f"Something newer is known and stays: {', '.join(words)}.")


def differing(said: Mapping[str, Any], known: object) -> list[str]:
    """The fields in which something is said that is not so."""
    return [name for name, value in said.items() if getattr(known, name) != value]


def keep_told(row: InboundMessage, done: Done) -> None:
    """Part of marking the message as done."""
    Told.objects.bulk_create(
        [Told(message=row, about=about, target_id=pk, names=sorted(names)) for (about, pk), names in done.told.items()]
    )
