"""Sentences with the label that a reader gave them, from text files: `label | language | case | sentence`.

A case names what is known: `R KNEE` (side and body part of the order), `F` or `M`, and fields that say something is
there: `+pulmonary nodule/nodule@R=8` (names, side, millimetres); parts are set apart by ";". The label is the rule
that must speak, or `ok`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from reporting.proofreading.facts import Case, Finding, Part
from reporting.proofreading.rules import doubts

HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Labelled:
    label: str
    case: Case
    text: str

    def spoken(self) -> set[str]:
        """The rules that have something to say about the sentence."""
        return {doubt.rule for doubt in doubts([Part("findings", "Findings", self.text)], self.case)}

    @property
    def is_right(self) -> bool:
        return self.spoken() == (set() if self.label == "ok" else {self.label})


def read(name: str) -> Iterator[Labelled]:
    for line in (HERE / name).read_text().splitlines():
        if line and not line.startswith("#"):
            label, language, facts, text = (part.strip() for part in line.split("|", 3))
            yield Labelled(label, case_of(facts, language), text)


def case_of(facts: str, language: str) -> Case:
    parts = [part.strip() for part in facts.split(";") if part.strip()]
    findings = tuple(finding_of(part[1:]) for part in parts if part.startswith("+"))
    sex = next((part for part in parts if part in {"F", "M", "O"}), "")
    side, _, region = next((part for part in parts if part[1:2] == " "), "").partition(" ")
    return Case(side, region, sex, language, findings)


def finding_of(text: str) -> Finding:
    text, _, size = text.partition("=")
    text, _, side = text.partition("@")
    names = tuple(text.split("/"))
    return Finding(names[0], names, side, float(size) if size else None)
