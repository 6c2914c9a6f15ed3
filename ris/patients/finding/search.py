"""The search behind the one box: numbers, names and dates of birth, best answers first.

It goes from what was typed to what may have been meant, and stops as soon as a page is full: whole words and
beginnings; beginnings of two words; words one slip away or of the same sound. Each step reads a bounded number of rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import permutations, product

from django.utils import timezone

from ris.accounts.models import User
from ris.patients.finding.keys import CUT, LAST, SHORTEST_PREFIX, day_key, variants_of
from ris.patients.finding.likeness import LEAST_KINSHIP, kinship, score
from ris.patients.finding.query import SHORTEST_NUMBER, Query, read
from ris.patients.finding.ranges import Prefix, patients_under
from ris.patients.models import NameKey, NameVariant, Patient, PatientIdentifier

PAGE = 20
EXACT_ROWS, SHORT_ROWS, NEAR_ROWS, BORN_ROWS = 40, 80, 15, 120
NUMBER_ROWS = 40
VARIANT_ROWS = 120
MOST_KIN = 8
WHOLE_NUMBER = 2.0
Near = Mapping[str, Mapping[str, float]]


@dataclass(frozen=True, slots=True)
class Found:
    """Records, best first; `more` when there are others that a longer text would tell apart."""

    patients: list[Patient]
    more: bool = False


@dataclass(frozen=True, slots=True)
class Seen:
    """What ranking needs of a record."""

    head: int
    words: list[str]
    born: date | None


def search(text: str, user: User, *, limit: int = PAGE) -> Found:
    """People whom the user may see, as the search box finds them. Merged records are found as the one they became."""
    query = read(text, timezone.localdate())
    sites = user.sites_where("patient.view")
    if query.is_empty or not sites:
        return Found([])
    scores = _by_number(query, user)
    if query.words or query.dates:
        _keep_best(scores, by_name(query, sites, limit))
    ranked = sorted(scores, key=lambda pk: (-scores[pk], pk))
    return Found(_people(scores, ranked[: limit * 2], limit), more=len(ranked) > limit)


def _people(scores: Mapping[int, float], ranked: list[int], limit: int) -> list[Patient]:
    """The first of those ranked, in order of the alphabet where they are equally likely."""
    if len(ranked) > limit:
        names = dict(Patient.objects.filter(pk__in=ranked).values_list("pk", "search_name"))
        ranked = sorted(names, key=lambda pk: (-scores[pk], names[pk], pk))[:limit]
    people = Patient.objects.with_numbers().in_bulk(ranked).values()
    return sorted(people, key=lambda person: (-scores[person.pk], person.search_name, person.pk))


def _by_number(query: Query, user: User) -> dict[int, float]:
    """Records with the number; with its beginning, once that is long enough to mean something."""
    if len(query.number) < SHORTEST_NUMBER or not any(map(str.isdigit, query.number)):
        return {}
    rows = PatientIdentifier.objects.filter(search_value__gte=query.number, search_value__lt=query.number + LAST)
    first = dict(rows.order_by("search_value", "pk").values_list("patient_id", "search_value")[:NUMBER_ROWS])
    visible = Patient.objects.visible_to(user).filter(pk__in=first).values_list("pk", "merged_into_id")
    return {
        head or pk: WHOLE_NUMBER if first[pk] == query.number else WHOLE_NUMBER / 2
        for pk, head in visible
    }  # fmt: skip


def by_name(query: Query, sites: frozenset[int], enough: int) -> dict[int, float]:
    """Records whose names answer the words (and dates) of a query: {record it stands for: score}."""
    read: dict[int, Seen] = {}
    scores = _scored(patients_under(_exact(query), sites), read, query, {})
    if len(scores) < enough and len(query.words) > 1 and not query.dates:
        scores = _scored(patients_under(_short(query), sites), read, query, {})
    if len(scores) < enough and query.words:
        near = _near(query.words)
        further: set[int] = set()
        if not query.dates:
            further = patients_under(_near_prefixes(query, near), sites) | _both_near(query, near, sites)
        scores = _scored(further, read, query, near)
    return scores


def _exact(query: Query) -> list[Prefix]:
    if query.dates:
        days = [day_key(born) for born in query.dates]
        longest = max(query.words, key=len, default="")
        named = [Prefix(f"{day} {longest}", EXACT_ROWS) for day in days if longest]
        return named + [Prefix(f"{day} ", BORN_ROWS) for day in days]
    if len(query.words) == 1:
        return [Prefix(query.words[0], EXACT_ROWS)]
    return [Prefix(f"{first} {second}", EXACT_ROWS) for first, second in permutations(_telling(query), 2)]


def _short(query: Query) -> list[Prefix]:
    """The beginnings of two words, the first at least three letters: "smi joh"."""
    pairs = permutations(_telling(query), 2)
    return [Prefix(f"{first[:CUT]} {second}", SHORT_ROWS) for first, second in pairs if len(first) >= SHORTEST_PREFIX]


def _telling(query: Query) -> list[str]:
    """The words that tell people apart best: the longest."""
    return sorted(query.words, key=len, reverse=True)[:3]


def _near_prefixes(query: Query, near: Near) -> list[Prefix]:
    if len(query.words) == 1:
        return [Prefix(word, NEAR_ROWS) for word in near[query.words[0]]]
    first, second = _telling(query)[:2]
    pairs = [*product(near[first], [second]), *product(near[second], [first])]
    return [Prefix(f"{one} {other}", NEAR_ROWS) for one, other in pairs]


def _both_near(query: Query, near: Near, sites: frozenset[int]) -> set[int]:
    """Records for which two words were typed otherwise than they are written."""
    if len(query.words) == 1:
        return set()
    first, second = _telling(query)[:2]
    keys = [f"{one} {other}" for one, other in product(near[first], near[second])]
    rows = NameKey.objects.filter(site_id__in=sites, key__in=keys).order_by("key", "patient")
    return set(rows.values_list("patient_id", flat=True)[:SHORT_ROWS])


def _near(words: Iterable[str]) -> dict[str, dict[str, float]]:
    """For each typed word, the nearest words that somebody's name has."""
    asked = {word: variants_of(word) for word in words}
    variants = set().union(*asked.values())
    rows = NameVariant.objects.filter(variant__in=variants).order_by("variant", "word")
    known = list(rows.values_list("variant", "word")[:VARIANT_ROWS])
    return {word: _nearest(word, {found for variant, found in known if variant in asked[word]}) for word in asked}


def _nearest(word: str, known: set[str]) -> dict[str, float]:
    likely = {other: kinship(word, other) for other in known if other != word}
    best = sorted((other for other in likely if likely[other] >= LEAST_KINSHIP), key=lambda o: (-likely[o], o))
    return {other: likely[other] for other in best[:MOST_KIN]}


def _scored(candidates: set[int], read: dict[int, Seen], query: Query, near: Near) -> dict[int, float]:
    """Of the candidates and of all that was `read` before them; what is new joins `read`."""
    scores: dict[int, float] = {}
    read |= _seen(candidates - read.keys())
    numbers = _numbers_of(read) if query.numbers else {}
    for pk, seen in read.items():
        if query.dates and seen.born not in query.dates:
            continue
        if not all(any(own.startswith(number) for own in numbers.get(pk, ())) for number in query.numbers):
            continue
        likeness = score(query.words, seen.words, near) if query.words else 1.0
        if likeness:
            scores[seen.head] = max(likeness, scores.get(seen.head, 0.0))
    return scores


def _seen(candidates: set[int]) -> dict[int, Seen]:
    if not candidates:
        return {}
    rows = Patient.objects.filter(pk__in=candidates).values_list("pk", "merged_into_id", "search_name", "birth_date")
    return {pk: Seen(head or pk, name.split(), born) for pk, head, name, born in rows}


def _numbers_of(candidates: Iterable[int]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for pk, number in PatientIdentifier.objects.filter(patient__in=candidates).values_list(
        "patient_id", "search_value"
    ):
        found.setdefault(pk, []).append(number)
    return found


def _keep_best(scores: dict[int, float], others: Mapping[int, float]) -> None:
    for pk, value in others.items():
        scores[pk] = max(value, scores.get(pk, 0.0))
