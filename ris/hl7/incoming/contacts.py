"""How to reach a person: the repetitions of PID-13, told apart by what they are (XTN; v2.5.1 2.A.89, 3.4.2.13).

What cannot be used of it is left out: nobody is refused for a number or an address.
"""

from __future__ import annotations

from ris.hl7.er7.message import Segment
from ris.hl7.incoming.arrival import Arrival
from ris.patients.contact import fault_of_email, fault_of_mobile

# XTN.3 (table 0202): a mobile telephone, and what is no telephone at all
MOBILE = "CP"
OTHERS = frozenset({"FX", "MD", "BP", "TDD", "INTERNET", "X.400"})
# XTN.2 (table 0201)
ADDRESS = "NET"


def contacts_of(arrival: Arrival) -> dict[str, str]:
    """phone, mobile and email, of those that the message speaks of; a sender's own rule for the telephone counts."""
    pid, found = arrival.message.first("PID"), dict[str, str]()
    phone = arrival.fields.given("person.phone")
    if phone == "":
        found["phone"] = ""
    for place in range(1, len(pid.field(13)) + 1):
        name, value = _contact(pid, place)
        if value:
            found.setdefault(name, value)
    spare = found.pop("spare", "")
    if spare:
        found.setdefault("phone", spare)
    if arrival.fields.ruled("person.phone") and phone is not None:
        found["phone"] = phone
    return found


def _contact(pid: Segment, place: int) -> tuple[str, str]:
    """What one repetition is, and its value, empty where it cannot be used.

    A mobile number without its country is no mobile number here: a telephone, where there is no other.
    """
    use, kind = (pid.text(13, part, repetition=place).upper() for part in (2, 3))
    number, address = _number(pid, place), pid.text(13, 4, repetition=place).strip()
    if use == ADDRESS or kind in OTHERS or (address and not number):
        email = address or (number if "@" in number else "")
        return "email", "" if fault_of_email(email) else email
    if kind == MOBILE:
        return ("spare" if fault_of_mobile(number) else "mobile"), number
    return "phone", number


def _number(pid: Segment, place: int) -> str:
    """XTN.1, else XTN.12, else country, area and number (XTN.5 to XTN.7), as newer versions have it."""
    whole = pid.text(13, 1, repetition=place).strip() or pid.text(13, 12, repetition=place).strip()
    country, *rest = (pid.text(13, part, repetition=place).strip() for part in (5, 6, 7))
    return whole or " ".join(filter(None, (f"+{country.lstrip('+')}" if country and rest[-1] else "", *rest)))
