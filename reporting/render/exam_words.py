"""What the RIS writes into a report's text by itself, per language: the technique, the comparison, a source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class ExamWords:
    """One language's sentences. In `routes`, `reactions`, `quantities` and `sides` stand the words of the record's own.

    `series` and `images`: of one, of several. `lowers`: whether a reason for a repeat has a small letter in a sentence.
    """

    compared: str
    of_a_side: str
    copied_from: str
    contrast: str
    given: str
    reaction: str
    dose: str
    made: str
    series: tuple[str, str]
    images: tuple[str, str]
    repeated: str
    broken_off: str
    lowers: bool
    sides: Mapping[str, str] = field(default_factory=dict)
    routes: Mapping[str, str] = field(default_factory=dict)
    reactions: Mapping[str, str] = field(default_factory=dict)
    quantities: Mapping[str, str] = field(default_factory=dict)

    def count(self, series: int, images: int) -> str:
        """3 series, 120 images."""
        return f"{series} {self.series[series != 1]}, {images} {self.images[images != 1]}"

    def dose_of(self, words: str) -> str:
        """A dose as the record has it, "fluoroscopy time 12 s", in this language."""
        begin = next((name for name in self.quantities if words.startswith(name)), "")
        return f"{self.quantities.get(begin, '')}{words[len(begin) :]}"


ENGLISH = ExamWords(
    compared="{exam} of {day}",
    of_a_side="{side} {exam}",
    copied_from="From the report of {day}, {signer}",
    contrast="Contrast: {amounts}.",
    given="{volume} mL {agent}, {route}",
    reaction="{degree} reaction to {agent}: {text}.",
    dose="Dose: {values}.",
    made="Series: {names} ({count}).",
    series=("series", "series"),
    images=("image", "images"),
    repeated="Images were repeated: {reasons}.",
    broken_off="The exam was broken off: {text}.",
    lowers=True,
)

GERMAN = ExamWords(
    compared="{exam} vom {day}",
    of_a_side="{exam} {side}",
    copied_from="Aus dem Befund vom {day}, {signer}",
    contrast="Kontrastmittel: {amounts}.",
    given="{volume} ml {agent}, {route}",
    reaction="{degree} Reaktion auf {agent}: {text}.",
    dose="Dosis: {values}.",
    made="Serien: {names} ({count}).",
    series=("Serie", "Serien"),
    images=("Bild", "Bilder"),
    repeated="Aufnahmen wurden wiederholt: {reasons}.",
    broken_off="Die Untersuchung wurde abgebrochen: {text}.",
    lowers=False,
    sides={"RIGHT": "rechts", "LEFT": "links", "BILATERAL": "beidseits"},
    routes={
        "intravenous": "intravenös",
        "oral": "oral",
        "rectal": "rektal",
        "intra-arterial": "intraarteriell",
        "intra-articular": "intraartikulär",
        "intrathecal": "intrathekal",
        "other": "auf anderem Weg",
    },
    reactions={"mild": "Leichte", "moderate": "Mäßige", "severe": "Schwere"},
    quantities={
        "dose area product": "Dosisflächenprodukt",
        "entrance dose": "Einfalldosis",
        "average glandular dose": "mittlere Parenchymdosis",
        "fluoroscopy time": "Durchleuchtungszeit",
        "exposures": "Aufnahmen",
        "activity given": "verabreichte Aktivität",
    },
)

LANGUAGES = {"en": ENGLISH, "de": GERMAN}


def exam_words(language: str) -> ExamWords:
    """The sentences for a BCP 47 tag, looked up by its primary subtag; English for a language without any."""
    return LANGUAGES.get(language.split("-", 1)[0].lower(), ENGLISH)
