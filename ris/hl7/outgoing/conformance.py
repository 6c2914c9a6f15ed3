"""The tables of docs/conformance/hl7.md on messages that go out, drawn from the tables that they are written by."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from ris.hl7.er7 import CHARSETS, Message, Segment, write
from ris.hl7.outgoing import queue, wire
from ris.hl7.outgoing.messages.answers import ACCEPTED, REFUSED
from ris.hl7.outgoing.messages.sample import samples
from ris.hl7.outgoing.messages.tables import (
    ACTIONABLE,
    ADDENDUM,
    APPOINTMENT_NEWS,
    COMMUNICATION,
    DOCUMENT,
    KEEPS_NUMBER,
    NEW_ORDER,
    OLD_ORDER,
    ORDER_NEWS,
    OTHER_SECTION,
    REPLACED,
    REPORT_STATUS,
    SECTIONS,
    STUDY,
    UNFINISHED,
    Coded,
)

Rows = tuple[tuple[str, ...], list[tuple[object, ...]]]


def report_states() -> Rows:
    rows = [(kind, one.result, one.observation, one.order, one.meaning) for kind, one in REPORT_STATUS.items()]
    return ("Version", "OBR-25 (0123)", "OBX-11 (0085)", "ORC-5 (0038)", "Meaning"), [*rows]


def order_states() -> Rows:
    rows = [(kind, one.control, one.status, one.meaning) for kind, one in ORDER_NEWS.items()]
    special = {
        "step.completed, others left": UNFINISHED,
        f"{REPLACED}, the placer's number stays": KEEPS_NUMBER,
        f"{REPLACED}, another number or none: the old order": OLD_ORDER,
        f"{REPLACED}, another number or none: the new order": NEW_ORDER,
    }
    rows += [(what, one.control, one.status, one.meaning) for what, one in special.items()]
    return ("Event", "ORC-1 (0119)", "ORC-5 (0038)", "Meaning"), [*rows]


def appointment_events() -> Rows:
    rows = [(kind, f"SIU^{one.event}", one.status, one.meaning) for kind, one in APPOINTMENT_NEWS.items()]
    return ("Event", "Message", "SCH-25 (0278)", "Meaning"), [*rows]


def observations() -> Rows:
    """What stands in the OBX of a report, in this order."""
    rows: list[tuple[object, ...]] = [("Study Instance UID", "ST", _written(STUDY), "")]
    rows += [(f"section “{title.capitalize()}…”", "TX", _written(code), "") for title, code in SECTIONS.items()]
    rows += [("any other section", "TX", _written(OTHER_SECTION), ""), ("addendum", "TX", _written(ADDENDUM), "")]
    for category, one in ACTIONABLE.items():
        what = f"critical finding of category {category}: {_written(one.code)}"
        rows.append((what, "CWE, TX", _written(COMMUNICATION), one.flag))
    rows += [("measurement with a unit", "NM", "the field's code, else its key^label^99ISO; OBX-6 UCUM", "")]
    rows += [("signed PDF, by setting", "ED", _written(DOCUMENT), "")]
    return ("What", "OBX-2", "OBX-3", "OBX-8 (0078)"), rows


def fields() -> Rows:
    """Each field that is filled, as the map fills it; of a segment that several messages share once."""
    found: dict[tuple[str, int, str], list[str]] = {}
    for kind, segments in samples().items():
        for one in segments:
            for number in range(1, len(one.fields) + 1):
                if text := written_field(one, number):
                    found.setdefault((one.name, number, text), []).append(kind)
    rows = [
        (f"{name}-{number}", text, ", ".join(dict.fromkeys(kinds))) for (name, number, text), kinds in found.items()
    ]
    return ("Field", "Holds", "In"), [*rows]


def behaviour() -> Rows:
    last = int(queue.wait_after(queue.PARK_AFTER).total_seconds())
    rows: list[tuple[object, ...]] = [
        ("Acknowledgement mode", "original: one acknowledgement for each message (§2.9.2)"),
        ("Accepted", f"MSA-1 {', '.join(sorted(ACCEPTED))} with our MSH-10 in MSA-2"),
        ("Refused", f"MSA-1 {', '.join(sorted(REFUSED))}: parked for a person"),
        ("Anything else", "no answer: the connection is closed, the same bytes are sent again"),
        ("Time to connect", f"{wire.CONNECT_SECONDS:g} s"),
        ("Time for an answer", "of each destination, 30 s unless set"),
        ("Sent again after", f"1, 2, 4 … s, at most {last} s"),
        ("Parked after", f"{queue.PARK_AFTER} attempts without an answer"),
        ("Character sets", ", ".join(f"`{name}`" for name in CHARSETS)),
    ]
    return ("What", "Value"), rows


def written_field(segment: Segment, number: int) -> str:
    """The field as it stands in a message."""
    line = write(Message((Segment("ZZZ"), Segment("ZZZ", (segment.field(number),))))).split("\r")[1]
    return line.partition("|")[2]


def _written(code: Coded) -> str:
    return "^".join(code)


TABLES: Final[dict[str, Callable[[], Rows]]] = {
    "out-reports": report_states,
    "out-observations": observations,
    "out-fields": fields,
    "out-orders": order_states,
    "out-appointments": appointment_events,
    "out-behaviour": behaviour,
}
