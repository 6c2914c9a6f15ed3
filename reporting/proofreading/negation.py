"""A sentence that denies what a field of the report says is there.

Denials reach forward over a list up to a word that ends them ("no effusion, but a nodule"), and backward over the few
words before them ("a nodule is not seen"); "no new nodule" denies nothing. The idea of trigger words with a reach is
that of NegEx (Chapman et al. 2001, doi:10.1006/jbin.2001.1029); the words are our own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from reporting.proofreading.facts import Case, Doubt, Finding
from reporting.proofreading.laterality import sides
from reporting.proofreading.lexicon.form import Lexicon
from reporting.proofreading.text import Sentence, starts, words

REACH, REACH_BACK, GAP = 10, 6, 5
LONGEST_ENDING = 3
SHORTEST_STEM = 4
NOT_READ = frozenset(
    {
        "indication",
        "clinical",
        "history",
        "comparison",
        "technique",
        "question",
        "fragestellung",
        "technik",
        "vergleich",
    }
)
Span = tuple[int, int]


def denied_fields(read: Iterable[Sentence], case: Case, lexicon: Lexicon) -> Iterator[Doubt]:
    """Sentences that say "no" to one of the case's findings."""
    for sentence in read:
        if sentence.section in NOT_READ:
            continue
        for finding in case.findings:
            if denies(sentence, finding, lexicon):
                said = f"The field “{finding.label}” says that it is there; this sentence denies it."
                yield Doubt("negation", sentence.section, sentence.text, said)
                break


def denies(sentence: Sentence, finding: Finding, lexicon: Lexicon) -> bool:
    if _is_of_other_side(sentence, finding, lexicon) or _is_of_larger_ones(sentence, finding, lexicon):
        return False
    mentions = [span for name in finding.names for span in named(sentence, words(name), lexicon)]
    void = {at for first, last in starts(sentence, lexicon.not_denials) for at in range(first, last)}
    ahead = [place for place in starts(sentence, lexicon.denials) if place[0] not in void]
    behind = [place for place in starts(sentence, lexicon.denied_after) if place[0] not in void]
    ends = [place[0] for place in starts(sentence, lexicon.scope_ends)]
    ends += [at for at, word in enumerate(sentence.words) if word in {":", ";"} or _is_number_after_comma(sentence, at)]
    turns = [*(place[0] for place in starts(sentence, lexicon.turns)), *_commas(sentence)]
    return any(
        any(_reaches(cue, span, ends, REACH) and not _is_known(sentence, cue, span, lexicon) for cue in ahead)
        or any(_reaches(span, cue, turns, REACH_BACK) for cue in behind)
        for span in mentions
    )


def _is_known(sentence: Sentence, cue: Span, span: Span, lexicon: Lexicon) -> bool:
    """No rupture of the aneurysm: what is denied is something else, of a thing that is there."""
    articles = {place[0] for place in starts(sentence, lexicon.definite)}
    return span[0] - cue[1] > 1 and bool(articles & {span[0] - 1, span[0] - 2})


def _reaches(one: Span, other: Span, ends: list[int], reach: int) -> bool:
    """Whether the second stands behind the first, near enough, with nothing between that ends the first's reach."""
    gap = other[0] - one[1]
    return 0 <= gap <= reach and not any(one[1] <= end < other[0] for end in ends)


def named(sentence: Sentence, name: tuple[str, ...], lexicon: Lexicon) -> Iterator[Span]:
    """Where a name stands, its words in order: "pleural or pericardial effusion" has "pleural effusion"."""
    for first in range(len(sentence.words)):
        at: int | None = first if _same(sentence.words[first], name[0], lexicon) else None
        for asked in name[1:]:
            if at is not None:
                at = _next(sentence, at + 1, asked, lexicon)
        if at is not None:
            yield first, at + 1


def _next(sentence: Sentence, start: int, asked: str, lexicon: Lexicon) -> int | None:
    near = range(start, min(start + GAP, len(sentence.words)))
    return next((at for at in near if _same(sentence.words[at], asked, lexicon)), None)


def _same(word: str, asked: str, lexicon: Lexicon) -> bool:
    """Equal but for an ending: nodule and nodules, Rundherd and Rundherde, Verdichtung and Verdichtungen."""
    stem = _stem(asked, lexicon)
    return word == asked or (word.startswith(stem) and len(word) - len(stem) <= LONGEST_ENDING)


def _stem(word: str, lexicon: Lexicon) -> str:
    cut = (word.removesuffix(ending) for ending in lexicon.endings if word.endswith(ending))
    return next((stem for stem in cut if len(stem) >= SHORTEST_STEM), word)


def _commas(sentence: Sentence) -> list[int]:
    return [at for at, word in enumerate(sentence.words) if word in {",", ";"}]


def _is_number_after_comma(sentence: Sentence, at: int) -> bool:
    return at > 0 and sentence.words[at - 1] == "," and sentence.words[at][:1].isdigit()


def _is_of_other_side(sentence: Sentence, finding: Finding, lexicon: Lexicon) -> bool:
    """The sentence names a side, and not the finding's."""
    if finding.side not in lexicon.sides:
        return False
    said = {side for side in lexicon.sides if sides(sentence, side, lexicon)}
    return bool(said) and finding.side not in said


def _is_of_larger_ones(sentence: Sentence, finding: Finding, lexicon: Lexicon) -> bool:
    """No nodule larger than 10 mm: true beside a field of 8 mm, and not to be judged where the field has no size."""
    for _, last in starts(sentence, lexicon.limits):
        limit = _length_at(sentence, last)
        if limit is not None:
            return finding.size_mm is None or finding.size_mm <= limit
    for first, _ in starts(sentence, lexicon.limits_after):
        limit = _length_at(sentence, first - 2) if first >= 2 else None
        if limit is not None:
            return finding.size_mm is None or finding.size_mm < limit
    return False


def _length_at(sentence: Sentence, at: int) -> float | None:
    """Millimetres of "8 mm" or "0.8 cm"."""
    if len(sentence.words) < at + 2 or not sentence.words[at][0].isdigit():
        return None
    factor = {"mm": 1.0, "cm": 10.0}.get(sentence.words[at + 1])
    return None if factor is None else float(sentence.words[at].replace(",", ".")) * factor
