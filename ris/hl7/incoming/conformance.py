"""The tables of docs/conformance/hl7.md on messages that come in, drawn from the tables that they are read by."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Final

from ris.hl7.er7 import CHARSETS, segment
from ris.hl7.er7.acks import ACCEPTED, FAILED, REJECTED, code_of
from ris.hl7.er7.versions import SINCE
from ris.hl7.incoming.fieldmap import ROWS
from ris.hl7.incoming.handling import ANSWERS, HANDLERS
from ris.hl7.incoming.keeping import LONGEST_OF_STRANGERS, STRANGERS
from ris.hl7.incoming.tables import (
    CONTROLS,
    EVENTS,
    NO_ALLERGIES,
    OBSERVED,
    PERSON_TYPES,
    PREGNANT,
    PRIORITIES,
    REGISTER_TYPES,
    TRANSPORTS,
)
from ris.hl7.mllp.limits import Limits
from ris.orders.safety import KINDS

WHEN_HURRIED: Final = (
    "AA as soon as it is kept, without ORC; done in the order of its sender. AR as ever; what would have been AE is "
    "then under Refused on the page HL7 messages in; the placer of an order or appointment is told"
)
Rows = tuple[tuple[str, ...], list[tuple[object, ...]]]


def messages() -> Rows:
    rows = [
        (one.kind, one.words, one.does, one.waits or "never", "^".join(ANSWERS.get(one.kind, ("ACK",))))
        for one in EVENTS
        if one.kind in HANDLERS
    ]
    return ("MSH-9", "Message", "What it does", "Waits", "Answer"), [*rows]


def controls() -> Rows:
    rows = [(one.code, one.words, one.verb or "not done here", one.did, one.unable) for one in CONTROLS.values()]
    return ("ORC-1", "Order control", "What is done", "Done", "Unable"), [*rows]


def fields() -> Rows:
    rows = [(one.target, one.words, one.paths, one.source) for one in ROWS]
    return ("What", "In words", "Where, the first that is filled", "Source"), [*rows]


def priorities() -> Rows:
    rows = [*PRIORITIES.items(), ("TS, TM, TH, TD, TW, TL with a number", "MEDIUM")]
    other = "as it was, ROUTINE of a new order; what was sent is a line of the clinical question"
    return ("HL7", "(0040,1003)"), [*rows, ("any other", other)]


def identifiers() -> Rows:
    rows = [(code or "empty", words, "yes") for code, words in PERSON_TYPES.items()]
    rows += [(code, words, "where CX.4 says who gave it") for code, words in REGISTER_TYPES.items()]
    return ("CX.5 (0203)", "Type", "Number of a person"), [*rows, ("any other", "accounts, visits, cards", "no")]


def observations() -> Rows:
    rows: list[tuple[object, ...]] = [
        ("OBX-3", code, f"answers {KINDS[kind].label}") for code, kind in OBSERVED.items()
    ]
    rows += [
        ("PV1-15", PREGNANT, f"answers {KINDS['pregnancy'].label}: yes"),
        (
            "AL1-3 without AL1-5",
            f"{', '.join(NO_ALLERGIES)} (SCT), and words such as NKA, NKDA, No known allergies",
            "no alert: no allergy is known",
        ),
        ("AL1-3", "any other", "an alert of the patient, with AL1-4 and AL1-5; none is taken away"),
        (
            "OBR-12",
            "any but N, NO, NONE",
            "an alert of the patient, as an infection: also under Special Needs of a device",
        ),
        *[("OBR-30", code, f"a line of the order's clinical question: {words}") for code, words in TRANSPORTS.items()],
        ("OBX-3", "any other", "a line of the order's clinical question"),
    ]
    return ("Where", "Code", "What it does"), rows


def acknowledgements() -> list[tuple[object, ...]]:
    """Enhanced mode (§2.9.3, table 0155): the one answer, by what both fields say."""
    rows: list[tuple[object, ...]] = []
    for accept, application in product(("AL", "ER", "SU", "NE"), repeat=2):
        header = segment("MSH", {15: accept, 16: application})
        said = [code_of(header, outcome) or "no answer" for outcome in (ACCEPTED, FAILED, REJECTED)]
        rows.append((f"MSH-15 {accept}, MSH-16 {application}", "done, failed, refused: " + ", ".join(said)))
    return rows


def behaviour() -> Rows:
    limits = Limits()
    rows: list[tuple[object, ...]] = [
        (
            "Acknowledgement mode",
            "original: one answer for each message (§2.9.2); where MSH-15 and MSH-16 are both filled, enhanced "
            "(§2.9.3): the application's answer (MSH-16) where it is wanted, else the accept acknowledgement "
            "(MSH-15), else none",
        ),
        *acknowledgements(),
        (
            "The answer of MSH-16",
            "the application acknowledgement comes at once on the same connection. No accept acknowledgement comes "
            "before it, and no message goes to a listener of the sender",
        ),
        ("MSA-1 AA", "the message is on disk: done, or waiting for what it needs, or for its turn"),
        ("While more comes than can be done", WHEN_HURRIED),
        (
            "MSA-1 AA and ERR with W, 0",
            "done, but not all as sent: something newer stays, or the number was merged away; before 2.5 in MSA-3",
        ),
        ("MSA-1 AE", "understood and not done; ERR says where and why (table 0357)"),
        ("MSA-1 AR", "not understood, of nobody who is entered, or of a kind that is not taken; ERR says why"),
        ("The same message again", "same MSH-3, MSH-4, MSH-10 and bytes: the stored answer, and nothing is done"),
        ("Other bytes under the same MSH-10", "AE, 205 in MSH-10"),
        (
            "Of nobody who is entered",
            "AR, 204, each time; its MSH-10 stays free, and the same bytes are done once their sender is entered. The "
            f"newest {STRANGERS} are kept, without text where it is longer than {LONGEST_OF_STRANGERS // 1024} kB",
        ),
        ("No answer", "it could not be kept: the connection is closed, send again"),
        ("Longest message", f"{limits.message_bytes // 2**20} MB"),
        ("Silence between messages, within one", f"{limits.idle:g} s, {limits.unfinished:g} s; then closed"),
        ("Connections", f"{limits.connections} for each listener process"),
        ("MSH-11", "P only"),
        ("MSH-12", f"{SINCE[0]}.{SINCE[1]} and later ones of HL7 v2, and empty; any other is answered AR, 203"),
        ("Empty, and two quotes", "says nothing, and deletes (§2.5.3)"),
        (
            "Formatting in text (§2.7.6)",
            "`.br`, `.ce`, `.sp3` are lines, `.sk` is blanks; the rest is left out",
        ),
        ("The mark of UTF-8 before MSH", "taken off; it stands for MSH-18 where that is empty"),
        ("Character sets (MSH-18)", ", ".join(f"`{name}`" for name in CHARSETS)),
    ]
    return ("What", "Value"), rows


TABLES: Final[dict[str, Callable[[], Rows]]] = {
    "in-messages": messages,
    "in-controls": controls,
    "in-fields": fields,
    "in-priorities": priorities,
    "in-identifiers": identifiers,
    "in-observations": observations,
    "in-behaviour": behaviour,
}
