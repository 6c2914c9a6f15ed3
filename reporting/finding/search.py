"""Asking the index: a page of reports, newest first, and how many there are of each kind among the newest found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from django.db import connection, transaction

from reporting.finding.keeping import WITHDRAWN
from reporting.finding.query import Query, fts5, mark, tsquery
from reporting.finding.record import ReportText
from ris.accounts.models import Site

PAGE = 25
COUNTED = 1000
FACETS = ("site", "modality", "year", "signer")

SQLITE = """SELECT rowid FROM reporting_reporttext_fts WHERE reporting_reporttext_fts MATCH %s AND rowid < %s
    ORDER BY rowid DESC LIMIT %s"""
# Newest first, PostgreSQL either walks back until it found enough, which is quick for a word of every tenth report and
# goes through all of them for a word that few have; or it asks the index for every report with the word: the other way.
# No estimate of how words go on tells which, so the newest are walked, and the index is asked when that is not enough.
POSTGRESQL_NEWEST = """SELECT report_id FROM (SELECT report_id, words FROM reporting_reporttext WHERE report_id < %s
    ORDER BY report_id DESC LIMIT %s) AS newest
    WHERE words @@ to_tsquery('simple', %s) ORDER BY report_id DESC LIMIT %s"""
POSTGRESQL = """WITH found AS MATERIALIZED (SELECT report_id FROM reporting_reporttext
    WHERE words @@ to_tsquery('simple', %s))
    SELECT report_id FROM found WHERE report_id < %s ORDER BY report_id DESC LIMIT %s"""
# With less memory the reports of a word that many have are known by their page only, and each of the page is read.
ROOM = "SET LOCAL work_mem = '64MB'"
WALKED = 20_000
NEWEST = 2**62


@dataclass(frozen=True, slots=True)
class Choice:
    """One value of a facet: what to ask for, how it is called, how many of those counted have it."""

    value: str
    name: str
    count: int


@dataclass(frozen=True, slots=True)
class Found:
    """`reports`: keys, newest first. `facets`: counted among the newest thousand. `counted_all`: there were no more."""

    reports: list[int]
    facets: dict[str, list[Choice]] = field(default_factory=dict)
    count: int = 0
    counted_all: bool = True
    older_than: int | None = None


def search(query: Query, sites: Iterable[int], chosen: dict[str, str], *, before: int | None = None) -> Found:
    """Reports of the sites that have the words and every chosen value; `before` goes on where a page ended."""
    within = sorted(sites)
    if not within:
        return Found([])
    marks = [
        [mark("site", site) for site in within],
        *([mark(kind, chosen[kind])] for kind in FACETS if kind in chosen),
    ]
    counted = _keys(query, marks, NEWEST, COUNTED + 1)
    page = counted if before is None else _keys(query, marks, before, PAGE + 1)
    return Found(
        reports=page[:PAGE],
        facets=_facets(counted[:COUNTED]),
        count=min(len(counted), COUNTED),
        counted_all=len(counted) <= COUNTED,
        older_than=page[PAGE - 1] if len(page) > PAGE else None,
    )


def _keys(query: Query, marks: list[list[str]], before: int, limit: int) -> list[int]:
    if connection.vendor != "sqlite":
        return _walked(tsquery(query, marks, [WITHDRAWN]), before, limit)
    with connection.cursor() as cursor:
        cursor.execute(SQLITE, [fts5(query, marks, [WITHDRAWN]), before, limit])
        return [row[0] for row in cursor.fetchall()]


def _walked(asked: str, before: int, limit: int) -> list[int]:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(POSTGRESQL_NEWEST, [before, WALKED, asked, limit])
        found = [row[0] for row in cursor.fetchall()]
        if len(found) < limit:
            cursor.execute(ROOM)
            cursor.execute(POSTGRESQL, [asked, before, limit])
            found = [row[0] for row in cursor.fetchall()]
    return found


def _facets(keys: list[int]) -> dict[str, list[Choice]]:
    counts: dict[str, Counter[str]] = {kind: Counter() for kind in FACETS}
    names: dict[tuple[str, str], str] = {}
    rows = ReportText.objects.filter(pk__in=keys).values_list("site_id", "modality", "year", "signer_id", "signer_name")
    for site, modality, year, signer, signer_name in rows:
        for kind, value in zip(FACETS, (site, modality, year, signer), strict=True):
            counts[kind][str(value)] += 1
        names["signer", signer] = signer_name
    names |= {
        ("site", str(pk)): name for pk, name in Site.objects.filter(pk__in=counts["site"]).values_list("pk", "name")
    }
    return {kind: list(_choices(kind, counts[kind], names)) for kind in FACETS}


def _choices(kind: str, counts: Counter[str], names: dict[tuple[str, str], str]) -> Iterator[Choice]:
    for value, count in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        if value:
            yield Choice(value, names.get((kind, value), value), count)
