"""What a field is called where no heading stands above it: with its side, or the section that tells it apart. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from reporting.proofreading.lexicon import LEXICONS
from reporting.proofreading.lexicon.form import Lexicon
from reporting.proofreading.text import Sentence
from reporting.proofreading.text import words as words_in
from reporting.render.words import words
from reporting.templates.fields import Spec

SIDES: Final = ("R", "L")


@dataclass(frozen=True, slots=True)
class Labels:
    """Of one template: the titles of its sections by key, the labels that several of them have, its language."""

    titles: Mapping[str, str]
    repeated: frozenset[str]
    language: str = "en"

    @classmethod
    def of(cls, sections: Iterable[Mapping[str, str]], fields: Iterable[Spec], language: str = "en") -> Labels:
        homes: dict[str, set[str]] = {}
        for spec in fields:
            homes.setdefault(_folded(spec), set()).add(str(spec.get("section", "")))
        titles = {section["key"]: section["title"] for section in sections}
        return cls(titles, frozenset(label for label, keys in homes.items() if len(keys) > 1), language)

    def full(self, spec: Spec, held: Mapping[str, Any]) -> str:
        """The label, behind its section where another has the same, and behind its side where neither says it."""
        label, side = str(spec["label"]), _side(str(held.get("laterality") or ""), LEXICONS.values())
        title = self.titles.get(str(spec.get("section", "")), "") if _folded(spec) in self.repeated else ""
        own = LEXICONS.get(self.language.split("-", 1)[0].lower(), LEXICONS["en"])
        said = not side or side in (_side(label, [own]), _side(title, [own]))
        where = ", ".join(part for part in (title, "" if said else words(self.language).sides[side]) if part)
        return f"{where}: {label}" if where else label


def side_measured(held: Mapping[str, Any]) -> str:
    """R or L of what was measured, by its laterality or the name of its site; "" for both, or for neither."""
    said = (str(held.get(key) or "") for key in ("laterality", "site"))
    return next((side for text in said if (side := _side(text, LEXICONS.values()))), "")


def _side(text: str, lexicons: Iterable[Lexicon]) -> str:
    """R or L as people and devices say it in these languages; "" for both, or for neither."""
    read = Sentence("", text, words_in(text))
    found = {side for lexicon in lexicons for side in SIDES if read.has_any(lexicon.sides[side])}
    return found.pop() if len(found) == 1 else ""


def _folded(spec: Spec) -> str:
    return str(spec["label"]).strip().casefold()
