"""A hospital's system that sends: messages as it writes them, and what it is answered."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import count

from ris.accounts.models import Site
from ris.hl7 import er7
from ris.hl7.incoming.receiving import receive
from ris.hl7.incoming.record import InboundMessage, Sender

NUMBERS = count(1)
WRITTEN = "20261120080000"


def a_sender(site: Site, **values: object) -> Sender:
    """EPIC of the ward, which writes UTF-8."""
    given = {"name": "Ward", "application": "EPIC", "facility": "WARD", "charset": "UNICODE UTF-8"} | values
    return Sender.objects.create(site=site, **given)


def message(kind: str, *segments: str, number: str = "", at: str = WRITTEN, **header: str) -> bytes:
    """MSH and the segments; every message has a number of its own unless one is given."""
    code, event = kind.split("^")
    application, version = header.get("application", "EPIC"), header.get("version", "2.5.1")
    charset, processing = header.get("charset", "UNICODE UTF-8"), header.get("processing", "P")
    msh = "|".join(
        ["MSH", "^~\\&", application, "WARD", "RIS", "RAD", at, "", f"{code}^{event}", number or f"C{next(NUMBERS)}",
         processing, version, "", "", "", "", "", charset]
    )  # fmt: skip
    return ("\r".join([msh, *segments]) + "\r").encode()


def pid(number: str = "P100", name: str = "Møller^Åse", born: str = "19610517", sex: str = "F") -> str:
    return f"PID|1||{number}||{name}||{born}|{sex}"


def order(control: str = "NW", placer: str = "PL1", code: str = "CTCHEST", **more: str) -> list[str]:
    """ORC and OBR of one order."""
    status, reason = more.get("status", ""), more.get("reason", "")
    orc = f"ORC|{control}|{placer}|{more.get('filler', '')}||{status}|||||||||||{reason}"
    head = f"OBR|1|{placer}||{code}^What it is^L|||||||||{more.get('question', '')}|||^Referrer^Frank^^^Dr."
    obr = head + f"|||||||||||^^^^^{more.get('priority', 'R')}"
    return [orc, obr + f"||||^{more.get('why', 'Cough')}"]


def visit(number: str = "V1", placer: str = "PL1", room: str = "CT 1", start: str = "20270301083000") -> list[str]:
    sch = f"SCH|{number}||||||||||{'|' * 15}{placer}"
    return [sch, f"AIS|1|A|CTCHEST|{start}|||20|min", f"AIL|1|A|^{room}|||{start}"]


@dataclass
class Answer:
    """What came back."""

    raw: bytes
    message: er7.Message = field(init=False)

    def __post_init__(self) -> None:
        self.message = er7.read(self.raw)

    @property
    def code(self) -> str:
        return self.message.first("MSA").text(1)

    @property
    def fault(self) -> tuple[str, str]:
        """Where and what, as ERR says."""
        err = self.message.first("ERR")
        place = "^".join(err.text(2, part) for part in range(1, 7)).rstrip("^")
        return place, err.text(3)

    @property
    def orders(self) -> list[str]:
        return [orc.text(1) for orc in self.message.all("ORC")]


def send(*what: str, **header: str) -> Answer:
    """Through everything but the socket."""
    return Answer(receive(message(*what, **header), peer="127.0.0.1"))


def kept(number: str) -> InboundMessage:
    return InboundMessage.objects.get(control_id=number)
