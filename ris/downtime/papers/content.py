"""What stands on a downtime form, and on the list of a day."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Question:
    """A question of safety, with the answers to tick; without answers it asks for a number in `unit`."""

    label: str
    choices: tuple[str, ...] = ()
    unit: str = ""


@dataclass(frozen=True)
class Blank:
    """An empty form with its own numbers."""

    site: str
    address: str
    accession: str
    study_uid: str
    questions: tuple[Question, ...]


@dataclass(frozen=True)
class Line:
    """One exam of the list: when, who, what, how far, and what one must know before touching the patient."""

    time: str
    name: str
    person: str
    exam: str
    accession: str
    state: str
    flags: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Room:
    name: str
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Day:
    title: str
    rooms: tuple[Room, ...]


@dataclass(frozen=True)
class DayList:
    """The list of a site. `made_at` in words, in the site's time."""

    site: str
    made_at: str
    days: tuple[Day, ...]
    waiting: tuple[Line, ...] = ()
