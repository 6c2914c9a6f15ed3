"""Autosave of a hundred editors that are open at once, through all of Django; and the archive of reports asked."""

from __future__ import annotations

import os
import statistics
import sys
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse

from reporting.actions import open_report
from reporting.finding.query import read
from reporting.finding.search import search
from reporting.models import Report
from tests.bench import shelves
from tests.bench.figures import Figure, Record
from tests.exam import case
from tests.world import World
from worklist.actions.reading import claim

EDITORS, HANDS, SAVES = 100, 5, 2
REPORTS = int(os.environ.get("BENCH_REPORTS", "100000"))
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
TIMES = 8


@pytest.mark.django_db(transaction=True)
def bench_autosave(live_world: World, record: Record) -> None:
    """A hundred drafts; five saves are under way at each moment, which is a save every few seconds of each editor."""
    reader = live_world.radiologist
    drafts = [open_report(claim(case(live_world), by=reader), by=reader) for _ in range(EDITORS)]
    took: list[float] = []
    hands = [threading.Thread(target=_type, args=(live_world, drafts[n::HANDS], took)) for n in range(HANDS)]
    for hand in hands:
        hand.start()
    for hand in hands:
        hand.join()
    assert len(took) == EDITORS * SAVES
    p95 = statistics.quantiles(took, n=20)[-1]
    record.add(Figure("report", f"editors={EDITORS}", "autosave_p95_ms", round(p95, 1), "ms"))


def _type(world: World, drafts: list[Report], took: list[float]) -> None:
    client = Client()
    client.force_login(world.radiologist, BACKEND)
    for number in range(SAVES):
        for report in drafts:
            said = {"revision": report.revision + number, "section-findings": f"A nodule of {number} mm."}
            began = time.perf_counter()
            answer = client.post(reverse("reporting:save", args=[report.pk]), said)
            took.append((time.perf_counter() - began) * 1000)
            assert answer.status_code == 200, answer.content[:300]
    connection.close()


def bench_search(world: World, record: Record) -> None:
    """Words of every fourth report, of few, of none together, a phrase, a beginning, a name that was misspelt.

    Once the page, with all that stands in it and who saw it on record; once the index alone. BENCH_REPORTS says how
    many reports there are: whole ones of two sites, in a transaction that is rolled back.
    """
    with transaction.atomic():
        shelves.fill(world, REPORTS)
        client = Client()
        client.force_login(world.radiologist, BACKEND)
        pages = {words: _times(partial(_page, client, words)) for words in (*shelves.ASKED, shelves.misspelt())}
        sites = [world.north.pk, world.south.pk]
        before = _cpu_ms()
        took = {words: _times(partial(_asked, words, sites)) for words in shelves.ASKED if words}
        worked = (_cpu_ms() - before) / (len(took) * TIMES)
        transaction.set_rollback(True)
    for words, times in pages.items():
        sys.stdout.write(f"{words}: {max(times):.1f} ms at most\n")
    case = f"reports={REPORTS}"
    for metric, found in (("search_page", pages), ("search", took)):
        every = sorted(one for times in found.values() for one in times)
        median, p95 = max(map(statistics.median, found.values())), statistics.quantiles(every, n=20)[-1]
        record.add(Figure("report", case, f"{metric}_ms", round(median, 1), "ms"))
        record.add(Figure("report", case, f"{metric}_p95_ms", round(p95, 1), "ms"))
    record.add(Figure("report", case, "search_cpu_mean_ms", round(worked, 1), "ms"))


def _page(client: Client, words: str) -> None:
    answer = shelves.page_of(client, words)
    assert answer.status_code == 200
    assert bool(answer.context["rows"] or answer.context.get("similar")) is (words not in shelves.NEVER)


def _asked(words: str, sites: list[int]) -> None:
    assert bool(search(read(words), sites, {}).reports) is (words not in shelves.NEVER)


def _cpu_ms() -> float:
    """What this process and its own backend worked, whoever else uses the machine meanwhile (Linux)."""
    processes = ["self"]
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            processes.append(str(cursor.fetchone()[0]))
    return sum(int(Path("/proc", one, "schedstat").read_text().split()[0]) for one in processes) / 1_000_000


def _times(ask: Callable[[], None]) -> list[float]:
    """Asked seven times in milliseconds, after one that does not count."""
    took = []
    for _again in range(TIMES):
        began = time.perf_counter()
        ask()
        took.append((time.perf_counter() - began) * 1000)
    return took[1:]
