"""The rules as a table, and the one function that reads a report by them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from reporting.proofreading.completeness import dictated, empty, unfilled
from reporting.proofreading.facts import Case, Doubt, Part
from reporting.proofreading.fields import doubtful_fields, unfilled_fields
from reporting.proofreading.laterality import against_order, within_report
from reporting.proofreading.lexicon import LEXICONS
from reporting.proofreading.negation import contrasts, denied_fields
from reporting.proofreading.sexes import foreign_organs
from reporting.proofreading.strangers import strangers
from reporting.proofreading.text import sentences


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule: what it looks for, what it does by default (stop, warn), and whether a site may soften it.

    Those of `workflow.md` rule 11 may not be softened: they always stop.
    """

    key: str
    title: str
    level: str
    fixed: bool = False


RULES = (
    Rule("laterality", "A side other than the order's", "warn"),
    Rule("contradiction", "Impression and findings name different sides", "warn"),
    Rule("sex", "An organ that the patient's sex does not have", "warn"),
    Rule("negation", "A sentence that denies what a field says", "warn"),
    Rule("another-name", "A name that another patient has too", "warn"),
    Rule("empty", "A section that must say something is empty", "warn"),
    Rule("placeholder", "A placeholder that is not filled in", "stop"),
    Rule("untyped", "A dictation that is not typed yet", "warn"),
    Rule("transcript", "Text typed from a dictation that its author did not check", "stop"),
    Rule("another-patient", "The full name of another patient", "stop", fixed=True),
    Rule("another-number", "An accession or patient number that is another patient's", "stop", fixed=True),
    Rule("wrong-patient", "Images of another patient", "stop", fixed=True),
    Rule("glyph", "A character that the PDF cannot print", "stop", fixed=True),
    Rule("unit", "A measurement whose value or unit is in doubt", "stop", fixed=True),
)
LEVELS = ("stop", "warn")


def doubts(parts: Iterable[Part], case: Case) -> list[Doubt]:
    """Everything about a report that a person should look at again, in the order of its sections."""
    parts = list(parts)
    typed = [Part(entry.section, entry.title, entry.text) for entry in case.entries if entry.is_typed]
    found = [*_of_words(parts, case), *strangers([*parts, *typed], case), *empty(parts), *unfilled(parts)]
    found += [*unfilled_fields(case.entries), *dictated(parts, case)]
    order = {part.key: at for at, part in enumerate(parts)}
    return sorted(dict.fromkeys(found), key=lambda doubt: order.get(doubt.section, len(order)))


def _of_words(parts: list[Part], case: Case) -> Iterator[Doubt]:
    """What needs a language; nothing where the language is not known."""
    lexicon = LEXICONS.get(case.language)
    if lexicon is None:
        return
    read = [sentence for part in parts for sentence in sentences(part.key, part.text, part.role)]
    of_one_side = [sentence for sentence in read if not contrasts(sentence, case, lexicon)]
    yield from against_order(of_one_side, case, lexicon)
    yield from foreign_organs(read, case, lexicon)
    yield from denied_fields(read, case, lexicon)
    yield from doubtful_fields(case, lexicon)
    if case.side not in ("R", "L"):
        yield from within_report(read, lexicon)
