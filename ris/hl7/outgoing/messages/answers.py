"""What came back: an acknowledgement and whether it answers what was sent (§2.9.2, §2.15.8)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from ris.hl7.er7 import Malformed, Message, read

ACCEPTED: Final = frozenset({"AA", "CA"})
REFUSED: Final = frozenset({"AE", "AR", "CE", "CR"})
LONGEST: Final = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """MSA-1, the message that it answers, what ERR says, the whole as text, and the number that it assigns (NA)."""

    code: str
    control_id: str
    error: str
    text: str
    assigned: str = ""

    @property
    def accepted(self) -> bool:
        return self.code in ACCEPTED

    @property
    def refused(self) -> bool:
        return self.code in REFUSED


def understand(raw: bytes, charset: str) -> Answered | None:
    """None when these bytes are no acknowledgement. `charset` counts where the answer names none."""
    try:
        message = read(raw, default_charset=charset)
    except Malformed:
        return None
    msa = message.first("MSA")
    if not msa.text(1):
        return None
    text = _written_out(raw.decode("utf-8", errors="backslashreplace"))[:LONGEST].replace("\r", "\n")
    error, assigned = _written_out(_error(message)), _written_out(_assigned(message))
    return Answered(code=msa.text(1), control_id=msa.text(2), error=error, text=text, assigned=assigned)


def _written_out(text: str) -> str:
    """NUL as \\x00: some pad an answer with it, and PostgreSQL keeps no such text."""
    return text.replace("\x00", r"\x00")


def _assigned(message: Message) -> str:
    """ORC-2 of a response that gives an order its placer's number (ORC-1 NA, table 0119)."""
    return next((orc.text(2) for orc in message.all("ORC") if orc.text(1) == "NA"), "")


def _error(message: Message) -> str:
    """ERR-3 and where (ERR-2), or MSA-3: codes and places; free text of the receiver stays in the answer itself."""
    found = []
    for err in message.all("ERR"):
        where = "-".join(part for part in (err.text(2), err.text(2, 3)) if part)
        found.append(" ".join(part for part in (err.text(3), err.text(3, 2), f"({where})" if where else "") if part))
    return "; ".join(part for part in found if part)[:300]
