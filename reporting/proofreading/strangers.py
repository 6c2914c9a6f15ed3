"""Words of another patient in the text, as they get there with a paste: a name, a number."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from reporting.proofreading.facts import Case, Doubt, Part, Person
from reporting.proofreading.text import Sentence, sentences, words

ADDRESSED = frozenset(words("mr mrs ms miss mister herr herrn frau hr fr"))


def strangers(parts: Iterable[Part], case: Case) -> Iterator[Doubt]:
    """Sentences with a number of another patient, or the full name of one whose case the reader had open."""
    for part in parts:
        for sentence in sentences(part.key, part.text):
            for number in sorted(case.others_numbers):
                if re.search(rf"(?<!\w){re.escape(number)}(?!\w)", sentence.text):
                    yield Doubt("another-number", part.key, sentence.text, f"{number} is a number of another patient.")
            for other in case.others:
                if names(sentence, other, case.patient):
                    said = "This is the name of another patient whose case you opened."
                    yield Doubt("another-patient", part.key, sentence.text, said)
                    break


def names(sentence: Sentence, other: Person, own: Person) -> bool:
    """Both names in a row, in either order, or the family's behind "Mr" or "Frau"; not what the patient is called."""
    family, given, known = words(other.family), words(other.given), words(own.family)
    if family == known and given == words(own.given):
        return False
    full = [(*given, *family), (*family, *given), (*family, ",", *given)] if family and given else []
    addressed = [(word, *family) for word in ADDRESSED] if family and family != known else []
    return any(sentence.find(name) is not None for name in (*full, *addressed))
