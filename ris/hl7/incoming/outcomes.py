"""What becomes of a message: done, waiting for another, refused."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from ris.hl7.er7 import Fault
from ris.hl7.er7.building import One
from ris.hl7.er7.errors import MESSAGE_ACCEPTED

About = tuple[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderAnswer:
    """ORC of an answer: what was done with an order (HL7 table 0119), its numbers here, and `why` nothing was."""

    code: str
    placer: One = ""
    filler: str = ""
    why: str = ""
    accessions: tuple[tuple[str, str], ...] = ()


@dataclass(slots=True, kw_only=True)
class Done:
    """What was done: in words without names, whose it was, and what others may have waited for.

    `orders` are those whose details the message gave. `told` is of what it spoke, by what and which: an older one does
    not undo it (newer.py). `notes` are for its sender: done, but not all of it as sent.
    """

    words: str
    patient: int | None = None
    provides: list[str] = field(default_factory=list)
    answers: list[OrderAnswer] = field(default_factory=list)
    orders: list[int] = field(default_factory=list)
    told: dict[About, set[str]] = field(default_factory=dict)
    notes: list[Fault] = field(default_factory=list)

    def tell(self, about: str, target_id: int, names: Iterable[str] = ()) -> None:
        """It spoke of these fields of `about` (ris.hl7.incoming.record.Told)."""
        self.told.setdefault((about, target_id), set()).update(names)

    def note(self, words: str, location: str = "") -> None:
        """Tell the sender, and whoever reads the page, once."""
        fault = Fault(words=words, code=MESSAGE_ACCEPTED, location=location, severity="W")
        if fault not in self.notes:
            self.notes.append(fault)

    @property
    def result(self) -> str:
        """All of it in words."""
        return " ".join([self.words, *(fault.words for fault in self.notes)])


class Waits(Exception):
    """Something that the message speaks of is not here yet: it is parked under `key`, and under what will do `also`."""

    def __init__(self, key: str, words: str, *, also: Sequence[str] = ()) -> None:
        super().__init__(words)
        self.key = key
        self.also = tuple(also)
        self.words = words


class Refused(Exception):
    """Nothing of the message was done; the faults say why."""

    def __init__(self, *faults: Fault, rejected: bool = False, answers: Sequence[OrderAnswer] = ()) -> None:
        super().__init__("; ".join(fault.words for fault in faults))
        self.faults = faults
        self.rejected = rejected
        self.answers = list(answers)


def refused(words: str, *, code: str, location: str = "") -> Refused:
    return Refused(Fault(words=words, code=code, location=location))
