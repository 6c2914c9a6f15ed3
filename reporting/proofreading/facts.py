"""What the rules are told, and what they say."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """A field of the template that says something is there, in the words by which a sentence could deny it.

    `names`: the ways to write it, each a phrase ("pulmonary nodule", "nodule"). `side`: R, L, B or "". `size_mm`: its
    largest measure, for "no nodule larger than 10 mm".
    """

    label: str
    names: tuple[str, ...]
    side: str = ""
    size_mm: float | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """A field that says something: its section with its title, its label, what is printed of it.

    `side`: R or L where its measurement has one, else ""; `site`: where that was. `is_typed`: somebody wrote the words.
    `role`: its section's, of `roles.ROLES`.
    """

    section: str
    title: str
    label: str
    text: str
    side: str = ""
    site: str = ""
    is_typed: bool = False
    role: str = ""


@dataclass(frozen=True, slots=True)
class Person:
    """A name as registered."""

    family: str = ""
    given: str = ""


@dataclass(frozen=True, slots=True)
class Case:
    """What is known before a word is read. `side`: as ordered (R, L, B, ""). `region`: DICOM Body Part Examined.

    `sex`: the patient's (F, M, O or ""). `language`: en, de, or another, for which only what needs no words is checked.
    `untyped`, `unchecked`: keys of the sections whose dictation is not typed, or not checked. `entries`: the fields
    that say something. `own`: what the patient is called; `others`: names of patients whom the writer had open;
    `known`: of people of whom a report may speak; `others_numbers`: numbers in the text that are other patients'.
    """

    side: str = ""
    region: str = ""
    sex: str = ""
    language: str = "en"
    findings: tuple[Finding, ...] = ()
    untyped: frozenset[str] = frozenset()
    unchecked: frozenset[str] = frozenset()
    entries: tuple[Entry, ...] = ()
    own: tuple[Person, ...] = ()
    others: tuple[Person, ...] = ()
    known: tuple[str, ...] = ()
    others_numbers: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Part:
    """A section: its key, its title, its text, and what it is for: one of `roles.ROLES`, or ""."""

    key: str
    title: str
    text: str
    role: str = ""


@dataclass(frozen=True, slots=True)
class Doubt:
    """One thing to look at again: which rule, in which section, the words it is about, and why."""

    rule: str
    section: str
    quote: str
    words: str
