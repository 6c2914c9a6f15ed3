"""How the receiver answers: what it knows already from its store, what is new by what it was told to do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.utils import timezone

from ris.demo.receiver.store import Store
from ris.hl7.er7 import Answer, Fault, Malformed, Message, Segment, acknowledge, encode, read, segment, write

# Faults that a receiver can be told to have: it takes the message and then answers oddly, wrongly, or not at all.
FAULTS: Final = ("silent", "close", "half", "other-number", "noise", "padded")
# What answers an order with more than an acknowledgement (chapters 4.4.2, 4.4.5, 4.4.9)
RESPONSES: Final = {
    "ORM^O01": ("ORR", "O02", "ORR_O02"), "OMG^O19": ("ORG", "O20", "ORG_O20"), "OMI^O23": ("ORI", "O24", "ORI_O24"),
}  # fmt: skip


@dataclass(slots=True)
class Manners:
    """`refuse`: AE or AR, for one patient's number or (empty) for all; `fault`: one of FAULTS, so many times."""

    refuse: str = ""
    patient: str = ""
    fault: str = ""
    times: int = 0

    def refuses(self, message: Message) -> bool:
        return bool(self.refuse) and self.patient in ("", message.first("PID").text(3))

    def next_fault(self) -> str:
        if not self.fault or self.times <= 0:
            return ""
        self.times -= 1
        return self.fault


def answer_to(raw: bytes, store: Store, manners: Manners) -> tuple[bytes, str]:
    """The acknowledgement, and a line about it without anything of the patient."""
    try:
        message = read(raw, default_charset="UNICODE UTF-8")
    except Malformed as error:
        return _acknowledgement(None, "AR", Fault(words=error.words, code=error.code)), "refused: no message"
    with store.lock:
        return _known(raw, message, store) or _new(raw, message, store, manners)


def _known(raw: bytes, message: Message, store: Store) -> tuple[bytes, str] | None:
    kept = store.find(message.control_id)
    if kept is None:
        return None
    if kept.body == raw:
        store.note(f"repeated {message.kind} {message.control_id}")
        return kept.answer, f"{message.kind} {message.control_id} again: answered from the store"
    fault = Fault(words="Another message had this number.", code="205", location="MSH^1^10")
    return _acknowledgement(message, "AR", fault), f"{message.kind} {message.control_id} refused: number used before"


def _new(raw: bytes, message: Message, store: Store, manners: Manners) -> tuple[bytes, str]:
    if manners.refuses(message):
        fault = Fault(words="The receiver was told to refuse this.", code="204", location="PID^1^3")
        store.note(f"refused {message.kind} {message.control_id}")
        return _acknowledgement(message, manners.refuse, fault), f"{message.kind} {message.control_id} refused"
    answer = _acknowledgement(message, "AA")
    store.keep(message.control_id, raw, answer)
    store.note(f"taken {message.kind} {message.control_id}")
    return answer, f"{message.kind} {message.control_id} taken"


def _acknowledgement(message: Message | None, code: str, *faults: Fault) -> bytes:
    now = timezone.now()
    numbered = _numbered(message) if message is not None and not faults else []
    kind = RESPONSES.get(message.kind, ()) if message is not None and numbered else ()
    answer = Answer(
        code=code, control_id=f"{now:%Y%m%d%H%M%S%f}", at=now, faults=faults, kind=kind, also=numbered
    )  # fmt: skip
    return encode(write(acknowledge(message, answer)))


def _numbered(message: Message) -> list[Segment]:
    """A number of our own for each order that asks for one (ORC-1 SN, answered with NA)."""
    asking = [orc.text(3) for orc in message.all("ORC") if orc.text(1) == "SN"]
    return [segment("ORC", {1: "NA", 2: f"H-{number}", 3: number}) for number in asking]
