"""What an exam asks of a patient, and what an answer means for it. Pure: values in, effect and words out.

Limits follow common practice (eGFR below 30 for iodinated or gadolinium contrast, 30 to 44 with care). An answer may be
given a graver effect than the rule by whoever records it, never a lighter one: that is an override, by a physician.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

EFFECTS = [("none", "No effect"), ("caution", "Caution"), ("hard-stop", "Hard stop")]
EFFECT_WORDS = {name: label.lower() for name, label in EFFECTS}
EFFECT_RANK = {name: rank for rank, (name, _label) in enumerate(EFFECTS)}
IONISING = frozenset({"CT", "CR", "DX", "MG", "XA", "RF", "NM", "PT"})
CHILDBEARING = range(10, 56)


@dataclass(frozen=True, slots=True)
class Kind:
    """A question. `choices`: answer → (words, effect); a question without choices is answered with a number."""

    label: str
    question: str
    choices: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    unit: str = ""

    def told(self, value: str) -> str:
        """The answer in words."""
        words = self.choices[value][0] if value in self.choices else f"{value} {self.unit}".strip()
        return f"{self.label}: {words}"


KINDS: dict[str, Kind] = {
    "egfr": Kind("eGFR", "What is the newest eGFR?", unit="mL/min/1.73 m²"),
    "contrast_reaction": Kind(
        "Contrast reaction",
        "Was there ever a reaction to contrast medium?",
        {
            "no": ("none known", "none"),
            "mild": ("mild", "caution"),
            "moderate": ("moderate", "caution"),
            "severe": ("severe", "hard-stop"),
            "unknown": ("not known", "caution"),
        },
    ),
    "metformin": Kind(
        "Metformin",
        "Does the patient take metformin?",
        {"no": ("no", "none"), "yes": ("yes", "caution"), "unknown": ("not known", "caution")},
    ),
    "implant": Kind(
        "Implant",
        "Is there an implant, a pacemaker or metal in the body?",
        {
            "no": ("none", "none"),
            "safe": ("MR safe", "none"),
            "conditional": ("MR conditional", "caution"),
            "unsafe": ("MR unsafe", "hard-stop"),
            "unknown": ("present or possible, MR safety not known", "hard-stop"),
        },
    ),
    "pregnancy": Kind(
        "Pregnancy",
        "Is the patient pregnant, or could she be?",
        {
            "no": ("no", "none"),
            "possible": ("possible", "hard-stop"),
            "yes": ("yes", "hard-stop"),
        },
    ),
}


def asked_by(*, modality: str, contrast: bool, sex: str, age: int | None) -> list[str]:
    """The kinds of question that one procedure asks of one patient. `age` in years, None when unknown."""
    kinds = ["egfr", "contrast_reaction", "metformin"] if contrast else []
    if modality == "MR":
        kinds.append("implant")
    if modality in IONISING and sex != "M" and (age is None or age in CHILDBEARING):
        kinds.append("pregnancy")
    return kinds


def fault_of_value(kind: str, value: str) -> str:
    """Why a value is no answer to the question, or an empty string."""
    if kind not in KINDS:
        return "There is no such question."
    if KINDS[kind].choices:
        return "" if value in KINDS[kind].choices else "Choose one of the answers."
    return "" if _number(value) is not None else "A number from 0 to 200, such as 62."


def effect_of(kind: str, value: str) -> str:
    """What a valid answer means: none, caution, hard-stop."""
    if KINDS[kind].choices:
        return KINDS[kind].choices[value][1]
    number = _number(value) or 0.0
    if number < 30:
        return "hard-stop"
    return "caution" if number < 45 else "none"


def graver(one: str, other: str) -> str:
    return max(one, other, key=EFFECT_RANK.__getitem__)


def _number(value: str) -> float | None:
    digits = value.replace(",", ".", 1)
    if not digits.replace(".", "", 1).isascii() or not digits.replace(".", "", 1).isdigit() or len(digits) > 6:
        return None
    return float(digits) if float(digits) <= 200 else None
