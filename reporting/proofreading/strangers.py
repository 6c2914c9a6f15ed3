"""Words of another patient in the text, as they get there with a paste: a name, a number."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from reporting.proofreading.facts import Case, Doubt, Part, Person
from reporting.proofreading.lexicon import LEXICONS
from reporting.proofreading.text import WORD, Sentence, Words, phrases, sentences, words

ADDRESSED = frozenset(words("mr mrs ms miss mister herr herrn frau hr fr"))
SHORTEST = 2
# Two names in a row that are a finding, a space or a fracture, and may be somebody's.
EPONYMS = phrases("""
    le fort; virchow robin; graves basedow; osgood schlatter; guillain barre; budd chiari; arnold chiari; hill sachs;
    hand schuller; legg calve; legg perthes; klippel feil; klippel trenaunay; wolff parkinson; churg strauss;
    von hippel; mallory weiss; peutz jeghers; dandy walker; henoch schonlein; kohler pellegrini; creutzfeldt jakob
""")
STOPS = "This is the name of another patient who was open lately. Take it out."
WARNS = "This may be the name of another patient who was open lately."


def strangers(parts: Iterable[Part], case: Case) -> Iterator[Doubt]:
    """Sentences with a number of another patient, or the name of one whom the writer had open."""
    for part in parts:
        for sentence in sentences(part.key, part.text):
            for number in sorted(case.others_numbers):
                if re.search(rf"(?<!\w){re.escape(number)}(?!\w)", sentence.text):
                    yield Doubt("another-number", part.key, sentence.text, f"{number} is a number of another patient.")
            found = {word for other in case.others if (word := _judged(sentence, other, case))}
            if found:
                rule = "another-patient" if "another-patient" in found else "another-name"
                yield Doubt(rule, part.key, sentence.text, STOPS if rule == "another-patient" else WARNS)


def _judged(sentence: Sentence, other: Person, case: Case) -> str:
    """The rule that the name of this person breaks here, "" for none: a full name stops, unless it may well be said."""
    said = next((name for name in full_names(other) if sentence.find(name) is not None), None)
    if said is not None and not any(set(said) <= {*words(own.family), *words(own.given), ","} for own in case.own):
        return "another-name" if _may_be_said(sentence, said, case) else "another-patient"
    family = words(other.family)
    if not family or any(family == words(own.family) for own in case.own):
        return ""
    addressed = any(sentence.find((word, *family)) is not None for word in ADDRESSED)
    return "another-name" if addressed else ""


def full_names(person: Person) -> list[Words]:
    """Both names in a row, in either order; of several given names the first alone too."""
    family, given = words(person.family), words(person.given)
    if not family or not given or len(given[0]) < SHORTEST:
        return []
    called = dict.fromkeys((given, given[:1]))
    return [name for own in called for name in ((*own, *family), (*family, *own), (*family, ",", *own))]


def _may_be_said(sentence: Sentence, name: Words, case: Case) -> bool:
    """Somebody of the house, a relative, an eponym, or words that are no name: only a person can tell."""
    lexicon = LEXICONS.get(case.language)
    names = set(name) - {","}
    return (
        any(names <= set(words(known)) for known in case.known)
        or (lexicon is not None and sentence.has_any(lexicon.not_of_patient))
        or name in EPONYMS
        or names <= ordinary(case.language)
        or not _is_written_as_name(sentence, name)
    )


@lru_cache(maxsize=8)
def ordinary(language: str) -> frozenset[str]:
    """The words by which reports of that language speak of sides, organs and negations."""
    lexicon = LEXICONS.get(language)
    if lexicon is None:
        return frozenset()
    named = [*lexicon.sides.values(), *lexicon.regions.values(), *lexicon.sex_organs.values()]
    named += [lexicon.both, lexicon.comparing, lexicon.before, lexicon.earlier, lexicon.denials, lexicon.scope_ends]
    return frozenset(word.rstrip("*") for group in named for phrase in group for word in phrase)


def _is_written_as_name(sentence: Sentence, name: Words) -> bool:
    """With a capital at its first or last word; where the words cannot be laid over the text, it is taken for one."""
    written = WORD.findall(sentence.text)
    at = sentence.find(name)
    if at is None or len(written) != len(sentence.words):
        return True
    return not (written[at][:1].islower() and written[at + len(name) - 1][:1].islower())
