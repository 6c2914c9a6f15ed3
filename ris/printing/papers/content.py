"""What stands on a paper: frozen, and complete."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ris.core.phrases import ENGLISH


@dataclass(frozen=True)
class Person:
    """Whose paper it is. `birth_date` is ISO 8601 or empty, `number` the one that the site knows the person by."""

    name: str
    birth_date: str
    sex: str
    number: str
    other_script: str = ""

    @property
    def born_and_sex(self) -> str:
        return " ".join(part for part in (self.birth_date or "birth date not known", self.sex) if part)


@dataclass(frozen=True)
class Exam:
    description: str
    accession: str
    preparation: str = ""


@dataclass(frozen=True)
class Slip:
    """What a patient takes home. `day` and `clock` are the site's wall clock in words."""

    site: str
    address: str
    person: Person
    day: str
    clock: str
    zone: str
    room: str
    exams: tuple[Exam, ...]
    note: str = ""
    copy: int = 0
    # Not part of what makes two papers the same: a slip of before there were languages is the same slip.
    phrases: Mapping[str, str] = field(default_factory=lambda: ENGLISH, repr=False)


@dataclass(frozen=True)
class Tag:
    """A label for one requested procedure."""

    person: Person
    exam: Exam
    when: str = ""
    copy: int = 0


@dataclass(frozen=True)
class Band:
    """A wristband for one visit."""

    site: str
    person: Person
    visit: str
    alerts: tuple[str, ...] = field(default=())
    copy: int = 0


def copy_mark(copy: int) -> str:
    """What a reprint says of itself; nothing on the first print."""
    return f"COPY {copy}" if copy else ""
