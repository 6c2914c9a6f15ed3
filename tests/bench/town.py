"""A town of synthetic people, with names as unevenly spread as real ones."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import accumulate, islice, product
from pathlib import Path

from django.db import connection, transaction
from django.utils import timezone

from ris.accounts.models import Site
from ris.patients.finding.indexing import learn
from ris.patients.finding.keys import groups_of, keys_of, number_key

Row = tuple[str | int, ...]
BATCH = 20_000
FAMILIES, GIVEN = 30_000, 2_000
STARTS = (
    "b",
    "br",
    "d",
    "f",
    "fl",
    "g",
    "gr",
    "h",
    "k",
    "kr",
    "l",
    "m",
    "n",
    "p",
    "r",
    "s",
    "sch",
    "st",
    "t",
    "v",
    "w",
)
VOWELS = ("a", "e", "i", "o", "u", "ei", "au", "ie")
ENDS = ("ck", "ld", "ler", "mann", "n", "nd", "ner", "r", "rd", "rg", "s", "ski", "son", "tz", "vić", "ström")
FIRST_DAY = date(1930, 1, 1)


@dataclass(frozen=True, slots=True)
class Person:
    key: int
    family: str
    given: str
    born: date

    @property
    def number(self) -> str:
        return f"NORTH{self.key:07d}"


def names(count: int, seed: int) -> list[str]:
    """As many different names, always the same."""
    dice = random.Random(seed)  # noqa: S311  the same town every time
    all_of_them = ["".join(parts) for parts in product(STARTS, VOWELS, STARTS, VOWELS, ENDS)]
    return [name.capitalize() for name in dice.sample(all_of_them, count)]


def everybody() -> Iterator[Person]:
    """People without end; a few names are very common, most are rare (Zipf)."""
    dice = random.Random(11)  # noqa: S311
    families, given = names(FAMILIES, 1), names(GIVEN, 2)
    family_weights, given_weights = weights(FAMILIES), weights(GIVEN)
    key = 0
    while True:
        chosen = dice.choices(families, cum_weights=family_weights, k=1000)
        for family, first in zip(chosen, dice.choices(given, cum_weights=given_weights, k=1000), strict=True):
            key += 1
            yield Person(key, family, first, FIRST_DAY + timedelta(days=dice.randrange(34_000)))


def weights(count: int) -> list[float]:
    return list(accumulate(1 / (rank + 20) for rank in range(count)))


def settle(people: Iterable[Person], site: Site) -> None:
    """Write people the way the patients' actions do, without an audit row each."""
    waiting, learnt = iter(people), set[str]()
    while some := list(islice(waiting, BATCH)):
        with transaction.atomic(), connection.cursor() as cursor:
            for sql, rows in statements(some, site):
                cursor.executemany(sql, rows)
        words = {word for person in some for group in groups(person) for word in group}
        learn(words - learnt)
        learnt |= words


@contextmanager
def kept_small() -> Iterator[Callable[[], AbstractContextManager[None]]]:
    """A copy of the database as it is now, and the way into it: `with small(): ...` asks the copy."""
    copy = f"{connection.settings_dict['NAME']}_small"
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("VACUUM INTO %s", [copy])
    if connection.vendor == "postgresql":
        connection.close()
        run_elsewhere(f'CREATE DATABASE "{copy}" TEMPLATE "{connection.settings_dict["NAME"]}"')
    try:
        yield lambda: asking(copy)
    finally:
        if connection.vendor == "postgresql":
            run_elsewhere(f'DROP DATABASE "{copy}"')
        else:
            Path(copy).unlink()


@contextmanager
def asking(name: str) -> Iterator[None]:
    """Every query goes to the database of that name."""
    before = connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"] = name
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = before


def run_elsewhere(sql: str) -> None:
    """PostgreSQL copies and drops a database only from another one, and outside of a transaction."""
    with connection._nodb_cursor() as cursor:  # type: ignore[attr-defined]
        cursor.execute(sql)


def statements(people: Iterable[Person], site: Site) -> Iterator[tuple[str, list[Row]]]:
    people, now = list(people), timezone.now().isoformat(sep=" ")
    rows: list[Row] = [
        (p.key, p.family, p.given, f" {' '.join(groups(p)[0])}", p.born.isoformat(), now) for p in people
    ]
    yield PATIENT, rows
    yield AT_SITE, [(person.key, site.pk) for person in people]
    yield NUMBER, [(p.key, site.patient_id_issuer, p.number, number_key(p.number)) for p in people]
    yield KEY, [(site.pk, p.key, key) for p in people for key in sorted(keys_of(groups(p), p.born))]


def groups(person: Person) -> list[list[str]]:
    return groups_of((person.family, person.given, ""), "", "")


def first(count: int) -> list[Person]:
    return list(islice(everybody(), count))


PATIENT = """INSERT INTO patients_patient (id, family_name, given_name, search_name, birth_date, created_at,
    middle_name, prefix, suffix, ideographic, phonetic, sex, phone, guardian_name, guardian_relation, guardian_phone,
    confidential, temporary) VALUES (%s, %s, %s, %s, %s, %s, '', '', '', '', '', 'F', '', '', '', '', false, false)"""
AT_SITE = "INSERT INTO patients_patient_sites (patient_id, site_id) VALUES (%s, %s)"
NUMBER = """INSERT INTO patients_patientidentifier (patient_id, issuer, value, search_value, retired, in_error)
    VALUES (%s, %s, %s, %s, false, false)"""
KEY = 'INSERT INTO patients_namekey (site_id, patient_id, "key") VALUES (%s, %s, %s)'
