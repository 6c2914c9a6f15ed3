"""The search box over ten thousand and over a million patients, beside a `contains` over the same table.

Both towns are asked by turns, so that what else the machine does falls on both.
"""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

import pytest
from django.db.models import Q

from ris.patients.finding.search import search
from ris.patients.models import Patient
from tests.bench import town
from tests.bench.figures import Figure, Record
from tests.bench.town import Person
from tests.world import World

SMALL, LARGE = 10_000, 1_000_000
ASKED, ROUNDS = 60, 5


@pytest.mark.django_db(transaction=True)
def bench_search_as_it_is_typed(live_world: World, record: Record) -> None:
    everybody = town.first(LARGE)
    dice = random.Random(5)  # noqa: S311
    known = dice.sample(everybody[:SMALL], ASKED)
    town.settle(everybody[:SMALL], live_world.north)
    with town.kept_small() as small_town:
        town.settle(everybody[SMALL:], live_world.north)
        rounds = [
            (measured(small_town, live_world, known), measured(large_town, live_world, known)) for _ in range(ROUNDS)
        ]
    for size, runs in zip((SMALL, LARGE), zip(*rounds, strict=True), strict=True):
        ours, peer = (round(statistics.median(values), 2) for values in zip(*runs, strict=True))
        record.add(Figure("desk", f"patients={size}", "search_p95_ms", ours, "ms", "contains", peer))
    growth = statistics.median(large[0] / small[0] for small, large in rounds)
    record.add(Figure("desk", f"patients={SMALL}..{LARGE}", "search_p95_growth", round(growth, 2), "times"))


def measured(
    in_town: Callable[[], AbstractContextManager[None]], world: World, known: list[Person]
) -> tuple[float, float]:
    """Our p95 and the peer's, in one of the two towns."""
    with in_town():
        return p95_ms(world, known), contains_p95_ms(known)


def large_town() -> AbstractContextManager[None]:
    """The database as it is."""
    return nullcontext()


def texts(person: Person) -> list[str]:
    """What a clerk types for one person: whole, begun, turned round, misspelt, by date, by number."""
    family, given, born = person.family, person.given, person.born
    slip = family[:2] + family[3] + family[2] + family[4:] if len(family) > 4 else family
    return [
        family, family[:3], f"{family} {given}", f"{given} {family}", f"{family[:4]} {given[:3]}", f"{slip} {given}",
        f"{family} {given[:-1]}", f"{born:%d%m%Y}", f"{born.day}/{born.month}/{born:%y}", person.number,
        f"{born:%d.%m.%Y} {family[:3]}",
    ]  # fmt: skip


def p95_ms(world: World, known: list[Person]) -> float:
    """Over every text of every person, each asked once after a round that warms the caches and checks the answers."""
    user = world.clerk
    for person in known:
        for text in (f"{person.family} {person.given} {person.born:%d%m%Y}", person.number):
            assert person.key in [patient.pk for patient in search(text, user).patients], text
    return p95([took(lambda text=text: search(text, user)) for person in known for text in texts(person)])  # type: ignore[misc]


def contains_p95_ms(known: list[Person]) -> float:
    """Every word somewhere in the name: the search that frameworks bring, for whole names only."""
    return p95([took(lambda person=person: contains(person)) for person in known[: ASKED // 6]])  # type: ignore[misc]


def contains(person: Person) -> list[Patient]:
    words = [Q(family_name__icontains=word) | Q(given_name__icontains=word) for word in (person.family, person.given)]
    return list(Patient.objects.filter(*words).order_by("family_name", "given_name")[:25])


def p95(times: list[float]) -> float:
    return round(statistics.quantiles(times, n=20)[-1], 2)


def took(act: Callable[[], object]) -> float:
    """Milliseconds; the fastest of three, so that what else the machine does stays out of the growth."""
    times = []
    for _ in range(3):
        began = time.perf_counter()
        act()
        times.append((time.perf_counter() - began) * 1000)
    return min(times)
