"""The fields of a report, not its sentences: a side against the order, an organ of the other sex, a placeholder."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from reporting.proofreading.completeness import PLACEHOLDER
from reporting.proofreading.facts import Case, Doubt, Entry
from reporting.proofreading.laterality import NOT_READ, OTHER, SAID, compares, sides
from reporting.proofreading.lexicon.form import Lexicon
from reporting.proofreading.regions import ABOUT, regions_in
from reporting.proofreading.sexes import foreign_organs
from reporting.proofreading.text import Sentence, words


def doubtful_fields(case: Case, lexicon: Lexicon) -> Iterator[Doubt]:
    """What the fields say that cannot be of this exam or of this patient."""
    for entry in case.entries:
        if entry.role != NOT_READ and (words_of_it := _wrong_side(entry, case, lexicon)):
            yield Doubt("laterality", entry.section, quoted(entry), words_of_it)
    yield from foreign_organs((sentence(quoted(entry), entry.section) for entry in case.entries), case, lexicon)


def unfilled_fields(entries: Iterable[Entry]) -> Iterator[Doubt]:
    """Placeholders that were left in a field of words."""
    for entry in entries:
        for found in PLACEHOLDER.finditer(entry.text if entry.is_typed else ""):
            said = f"“{found.group()}” in {entry.label} is not filled in."
            yield Doubt("placeholder", entry.section, found.group(), said)


def quoted(entry: Entry) -> str:
    return f"{entry.label}: {entry.text}"


def sentence(text: str, section: str = "") -> Sentence:
    return Sentence(section, text, words(text))


def _wrong_side(entry: Entry, case: Case, lexicon: Lexicon) -> str:
    """Why its side is wrong: against its own name, else against the order; "" for a field that is in order.

    A field that bears a side in its name is asked about that side, whatever was ordered.
    """
    own = _one_side(sentence(entry.label), lexicon) or _one_side(sentence(entry.title), lexicon)
    if own:
        other = entry.side == OTHER[own]
        return f"The field is of the {SAID[own]} side, its measurement of the {SAID[entry.side]}." if other else ""
    text = sentence(entry.text)
    said = entry.side or ("" if compares(text, lexicon) else _one_side(text, lexicon))
    if OTHER.get(case.side) != said or not _is_of_exam(entry, case, lexicon):
        return ""
    return f"The order says {SAID[case.side]}, this field says {SAID[said]}."


def _one_side(said: Sentence, lexicon: Lexicon) -> str:
    """R or L; "" for none and for both."""
    found = [] if said.has_any(lexicon.both) else [side for side in OTHER if sides(said, side, lexicon)]
    return found[0] if len(found) == 1 else ""


def _is_of_exam(entry: Entry, case: Case, lexicon: Lexicon) -> bool:
    """Whether it is about what was examined; a field that names no body part is."""
    about = ABOUT.get(case.region)
    named = regions_in(sentence(f"{entry.title} {entry.site} {quoted(entry)}"), lexicon)
    return about is None or not named or bool(named & about)
