"""A sentence that denies what a field of the report says is there.

Denials reach forward over a list up to a word that ends them ("no effusion, but a nodule"), and backward over the few
words before them ("a nodule is not seen"); "no new nodule" denies nothing. The idea of trigger words with a reach is
that of NegEx (Chapman et al. 2001, doi:10.1006/jbin.2001.1029); the words are our own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from reporting.proofreading.facts import Case, Doubt, Finding
from reporting.proofreading.laterality import sides
from reporting.proofreading.lexicon.form import Lexicon, Phrases
from reporting.proofreading.regions import regions_at
from reporting.proofreading.roles import ROLE_OF_WORD
from reporting.proofreading.text import Sentence, starts, words

REACH, REACH_BACK, GAP = 10, 6, 5
LONGEST_ENDING = 3
SHORTEST_STEM = 4
LINKS = ("", "e", "s", "n", "en", "es")  # between the parts of a German word
NOT_READ = frozenset({"indication", "comparison", "technique"})
Span = tuple[int, int]


def denied_fields(read: Iterable[Sentence], case: Case, lexicon: Lexicon) -> Iterator[Doubt]:
    """Sentences that say "no" to one of the case's findings."""
    all_of_them = list(read)
    for sentence in all_of_them:
        if sentence.role in NOT_READ or ROLE_OF_WORD.get(sentence.heading) in NOT_READ:
            continue
        for finding in case.findings:
            if denies(sentence, finding, lexicon) and not _is_of_a_place(sentence, finding, all_of_them, lexicon):
                said = f"The field “{finding.label}” says that it is there; this sentence denies it."
                yield Doubt("negation", sentence.section, sentence.text, said)
                break


def denies(sentence: Sentence, finding: Finding, lexicon: Lexicon) -> bool:
    """Whether it says "no" to the finding, and not only to a larger one, to one elsewhere, or to one of a kind."""
    if _is_of_larger_ones(sentence, finding, lexicon) or _gives_its_size(sentence, finding):
        return False
    names = names_of(finding, lexicon)
    mentions = _mentions(sentence, finding, lexicon)
    mentions += [(at, at + 1) for name in names if len(name) == 1 for at in _within_words(sentence, name[0])]
    denied = [span for span in mentions if _is_denied(sentence, span, lexicon)]
    if any(_is_affirmed(sentence, span, denied) for span in mentions):
        return False
    freed = [(at, at + 1) for name in names if len(name) == 1 for at in _freed(sentence, name[0], lexicon)]
    return any(not _is_of_other_side(sentence, span, finding, lexicon) for span in (*denied, *freed))


def contrasts(sentence: Sentence, case: Case, lexicon: Lexicon) -> bool:
    """Whether it says of the other side that a finding of the ordered one is not there."""
    return any(
        _is_denied(sentence, span, lexicon) and _is_of_other_side(sentence, span, finding, lexicon)
        for finding in case.findings
        if finding.side == case.side
        for span in _mentions(sentence, finding, lexicon)
    )


def _mentions(sentence: Sentence, finding: Finding, lexicon: Lexicon) -> list[Span]:
    return [span for name in names_of(finding, lexicon) for span in named(sentence, name, lexicon)]


def _is_of_a_place(sentence: Sentence, finding: Finding, read: list[Sentence], lexicon: Lexicon) -> bool:
    """No axillary nodes, where another sentence says that there are some: the denial is of a place only."""
    name = {word for name in finding.names for word in words(name)}
    places = [at for at, word in enumerate(sentence.words) if word not in name and regions_at(sentence, at, lexicon)]
    return bool(places) and any(
        not _is_denied(other, span, lexicon)
        for other in read
        if other is not sentence and other.role not in NOT_READ
        for span in _mentions(other, finding, lexicon)
    )


def _is_denied(sentence: Sentence, span: Span, lexicon: Lexicon) -> bool:
    void = {at for first, last in starts(sentence, lexicon.not_denials) for at in range(first, last)}
    ahead = [place for place in starts(sentence, lexicon.denials) if place[0] not in void]
    last_words = [place for place in starts(sentence, lexicon.denied_last) if _ends_clause(sentence, place)]
    behind = [place for place in (*starts(sentence, lexicon.denied_after), *last_words) if place[0] not in void]
    ends = [place[0] for place in starts(sentence, lexicon.scope_ends)]
    ends += [at for at, word in enumerate(sentence.words) if word in {":", ";"} or _is_number_after_comma(sentence, at)]
    turns = [*(place[0] for place in starts(sentence, lexicon.turns)), *_commas(sentence)]
    if any(place[0] >= span[1] for place in starts(sentence, lexicon.exceptions)):
        return False
    if any(span[0] < cue[0] and cue[1] <= span[1] for cue in ahead):
        return True  # the gallbladder is free of stones
    return any(
        _reaches(cue, span, ends, REACH) and not _is_known(sentence, cue, span, lexicon)
        for cue in ahead
        if not _is_of_a_kind(sentence, cue, span, lexicon) and not _is_said_again(sentence, cue, span)
    ) or any(_reaches(span, cue, turns, REACH_BACK) for cue in behind)


def _is_affirmed(sentence: Sentence, span: Span, denied: list[Span]) -> bool:
    """A mention that nothing denies, beside one that is denied: no tear of this, a tear of that. A heading is none."""
    heads = span[1] < len(sentence.words) and sentence.words[span[1]] == ":"
    return not heads and not any(span[0] < last and first < span[1] for first, last in denied)


def _within_words(sentence: Sentence, name: str) -> list[int]:
    """Longer words that end with the name: a Horizontalriss is a Riss."""
    return [at for at, word in enumerate(sentence.words) if word != name and word.endswith(name)]


def _is_said_again(sentence: Sentence, cue: Span, span: Span) -> bool:
    """The same word once more behind a comma begins anew: ACL without tear, tear of the medial meniscus."""
    again = sentence.words[span[1] - 1]
    said = [at for at in range(cue[1], span[0]) if len(sentence.words[at]) > 1 and again.endswith(sentence.words[at])]
    return bool(said) and "," in sentence.words[said[0] : span[0]]


def _is_of_a_kind(sentence: Sentence, cue: Span, span: Span, lexicon: Lexicon) -> bool:
    """No tension pneumothorax: there may be another."""
    return any(cue[1] <= first and last <= span[0] for first, last in starts(sentence, lexicon.kinds))


def _gives_its_size(sentence: Sentence, finding: Finding) -> bool:
    """A sentence with the very measure of the field knows of it."""
    return any(
        length == finding.size_mm
        for at in range(len(sentence.words))
        if (length := _length_at(sentence, at)) is not None
    )


def _is_known(sentence: Sentence, cue: Span, span: Span, lexicon: Lexicon) -> bool:
    """No rupture of the aneurysm: what is denied is something else, of a thing that is there."""
    articles = {place[0] for place in starts(sentence, lexicon.definite)}
    return span[0] - cue[1] > 1 and bool(articles & {span[0] - 1, span[0] - 2})


def _reaches(one: Span, other: Span, ends: list[int], reach: int) -> bool:
    """Whether the second stands behind the first, near enough, with nothing between that ends the first's reach."""
    gap = other[0] - one[1]
    return 0 <= gap <= reach and not any(one[1] <= end < other[0] for end in ends)


def names_of(finding: Finding, lexicon: Lexicon) -> list[tuple[str, ...]]:
    """The words of each of its names, and of what else the language calls it: a pneumothorax is a PTX."""
    own = [words(name) for name in finding.names]
    also = (group for group in lexicon.same if any(_is_of(name, group, lexicon) for name in own))
    return [name for name in dict.fromkeys([*own, *sorted(other for group in also for other in group)]) if name]


def _is_of(name: tuple[str, ...], group: Phrases, lexicon: Lexicon) -> bool:
    return any(
        len(name) == len(other) and all(_same(word, asked, lexicon) for word, asked in zip(name, other, strict=True))
        for other in group
    )


def _freed(sentence: Sentence, name: str, lexicon: Lexicon) -> Iterator[int]:
    """Where one word says that there is none: steinfrei, stone-free."""
    stem = _stem(name, lexicon)
    for at, word in enumerate(sentence.words):
        rest = word.removeprefix(stem)
        joined = rest != word and any(rest.removeprefix(link).startswith(lexicon.free) for link in LINKS)
        apart = _same(word, name, lexicon) and sentence.words[at + 1 : at + 2] == (lexicon.free,)
        if joined or (apart and at + 2 == _end_of_clause(sentence, at)):
            yield at


def _ends_clause(sentence: Sentence, place: Span) -> bool:
    return _end_of_clause(sentence, place[1] - 1) == place[1]


def _end_of_clause(sentence: Sentence, at: int) -> int:
    ends = (one for one in range(at, len(sentence.words)) if sentence.words[one] in {",", ";", ":"})
    return next(ends, len(sentence.words))


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
    """Equal but for an ending: nodule and nodules, Rundherd and Rundherde; or a proof of it: Frakturnachweis."""
    stem = _stem(asked, lexicon)
    if word == asked or len(stem) < SHORTEST_STEM or not word.startswith(stem):
        return word in {asked, f"{asked}s"}
    rest = word.removeprefix(stem)
    return len(rest) <= LONGEST_ENDING or any(rest.removeprefix(link) in lexicon.proofs for link in LINKS)


def _stem(word: str, lexicon: Lexicon) -> str:
    cut = (word.removesuffix(ending) for ending in lexicon.endings if word.endswith(ending))
    return next((stem for stem in cut if len(stem) >= SHORTEST_STEM), word)


def _commas(sentence: Sentence) -> list[int]:
    return [at for at, word in enumerate(sentence.words) if word in {",", ";"}]


def _is_number_after_comma(sentence: Sentence, at: int) -> bool:
    return at > 0 and sentence.words[at - 1] == "," and sentence.words[at][:1].isdigit()


def _is_of_other_side(sentence: Sentence, span: Span, finding: Finding, lexicon: Lexicon) -> bool:
    """What is denied is of a side, and not of the finding's: no effusion on the left."""
    if finding.side not in lexicon.sides:
        return False
    said = _side_of(sentence, span, lexicon)
    return bool(said) and finding.side not in said


def _side_of(sentence: Sentence, span: Span, lexicon: Lexicon) -> set[str]:
    """The sides in the same clause, else the last one before it, else whatever the sentence names."""
    placed = {place[0]: side for side in lexicon.sides for place in sides(sentence, side, lexicon)}
    stops = [at for at, word in enumerate(sentence.words) if word in {",", ";"}]
    stops += [place[0] for place in starts(sentence, lexicon.turns)]
    first = max((at for at in stops if at < span[0]), default=-1)
    last = min((at for at in stops if at >= span[1]), default=len(sentence.words))
    if any(first < place[0] < last for place in starts(sentence, lexicon.both)):
        return set(lexicon.sides)
    if here := {side for at, side in placed.items() if first < at < last}:
        return here
    before = max((at for at in placed if at < span[0]), default=None)
    return set(placed.values()) if before is None else {placed[before]}


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
