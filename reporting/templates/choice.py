"""Which template a case gets: rules by exam, person and site, the most specific one first.

What the exam is counts before who reads it, and who reads it before where. A rule speaks only when all that it names
is true of the case. Among equals the template's key decides, so that it is always the same one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

# The weight of what a rule names: each outweighs all below it together.
SPECIFICITY: dict[str, int] = {"procedure": 16, "body_part": 8, "modality": 4, "radiologist": 2, "site": 1}


@dataclass(frozen=True, slots=True)
class Rule:
    """Template `key` for what is named here; what is empty matches everything."""

    key: str
    procedure: str = ""
    modality: str = ""
    body_part: str = ""
    site: str = ""
    radiologist: str = ""

    @property
    def weight(self) -> int:
        return sum(weight for name, weight in SPECIFICITY.items() if getattr(self, name))


@dataclass(frozen=True, slots=True)
class Exam:
    """One procedure of a case."""

    procedure: str
    modality: str
    body_part: str = ""


@dataclass(frozen=True, slots=True)
class Case:
    exams: tuple[Exam, ...]
    site: str = ""
    radiologist: str = ""
    held: frozenset[str] = field(default_factory=frozenset)
    """Keys of the templates that may be chosen at all: those with a published version."""


def speaks(rule: Rule, case: Case) -> bool:
    """Whether all that the rule names is true of the case and of one of its procedures."""
    if (rule.site and rule.site != case.site) or (rule.radiologist and rule.radiologist != case.radiologist):
        return False
    return any(_of_exam(rule, exam) for exam in case.exams) or (not case.exams and not _names_exam(rule))


def _of_exam(rule: Rule, exam: Exam) -> bool:
    named: list[tuple[Any, Any]] = [(rule.procedure, exam.procedure), (rule.modality, exam.modality),
                                    (rule.body_part.casefold(), exam.body_part.casefold())]  # fmt: skip
    return all(not wanted or wanted == given for wanted, given in named)


def _names_exam(rule: Rule) -> bool:
    return bool(rule.procedure or rule.modality or rule.body_part)


def choose(rules: Iterable[Rule], case: Case) -> str | None:
    """The key of the template, or None when no rule speaks."""
    found = ranked(rules, case)
    return found[0].key if found else None


def ranked(rules: Iterable[Rule], case: Case) -> list[Rule]:
    """The rules that speak, the most specific first: what the admin shows when asked why."""
    speaking = [rule for rule in rules if rule.key in case.held and speaks(rule, case)]
    return sorted(speaking, key=lambda rule: (-rule.weight, rule.key))
