"""Organs that the patient, by the registered sex, does not have."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from reporting.proofreading.facts import Case, Doubt
from reporting.proofreading.lexicon.form import Lexicon
from reporting.proofreading.text import Sentence, starts

OTHER = {"F": "M", "M": "F"}
REGISTERED = {"F": "female", "M": "male"}


def foreign_organs(read: Iterable[Sentence], case: Case, lexicon: Lexicon) -> Iterator[Doubt]:
    """Sentences about an organ of the other sex; none where the sex is unknown or other."""
    other = OTHER.get(case.sex)
    if other is None:
        return
    for sentence in read:
        if sentence.has_any(lexicon.not_of_patient):
            continue
        void = {at for first, last in starts(sentence, lexicon.not_an_organ) for at in range(first, last)}
        organs = [place for place in starts(sentence, lexicon.sex_organs[other]) if place[0] not in void]
        if organs:
            named = " ".join(sentence.words[slice(*organs[0])])
            said = f"The patient is registered as {REGISTERED[case.sex]}; the sentence speaks of “{named}”."
            yield Doubt("sex", sentence.section, sentence.text, said)
