"""Autosave of a hundred editors that are open at once, through all of Django; and the archive of reports asked."""

from __future__ import annotations

import os
import statistics
import sys
import threading
import time
from pathlib import Path

import pytest
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse

from reporting.actions import open_report
from reporting.finding.query import mark, read
from reporting.finding.record import ReportText
from reporting.finding.search import search
from reporting.models import Report
from tests.bench.caseload import FIRST, Sql, pour
from tests.bench.figures import Figure, Record
from tests.exam import case
from tests.world import World
from worklist.actions.reading import claim

EDITORS, HANDS, SAVES = 100, 5, 2
REPORTS = int(os.environ.get("BENCH_REPORTS", "100000"))
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
WORDS = ("nodule", "effusion", "fracture", "atelectasis")
REST = "the heart is not enlarged and the mediastinum has its usual width without lymph nodes above ten millimetres"
TIMES = 8
NEVER = ("nodule fracture", "nodule -growing")
ASKED = ("nodule", "effusion growing", '"in segment 17"', "atelec", "name777", "effusion name777", *NEVER)


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
    """Words of every fourth report, of few, of none together, a phrase, a beginning: with facets and the newest page.

    BENCH_REPORTS says how many there are; only the index is filled, in a transaction that is rolled back.
    """
    with transaction.atomic():
        _fill(world)
        before = _cpu_ms()
        took = {words: _times(world, words) for words in ASKED}
        worked = (_cpu_ms() - before) / (len(ASKED) * TIMES)
        transaction.set_rollback(True)  # no report stands behind these words: nobody may ask for them at the end
    for words, times in took.items():
        sys.stdout.write(f"{words}: {max(times):.1f} ms at most\n")
    every = sorted(one for times in took.values() for one in times)
    case = f"reports={REPORTS}"
    record.add(Figure("report", case, "search_ms", round(max(map(statistics.median, took.values())), 1), "ms"))
    record.add(Figure("report", case, "search_p95_ms", round(statistics.quantiles(every, n=20)[-1], 1), "ms"))
    record.add(Figure("report", case, "search_cpu_mean_ms", round(worked, 1), "ms"))


def _cpu_ms() -> float:
    """What this process and its own backend worked, whoever else uses the machine meanwhile (Linux)."""
    processes = ["self"]
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            processes.append(str(cursor.fetchone()[0]))
    return sum(int(Path("/proc", one, "schedstat").read_text().split()[0]) for one in processes) / 1_000_000


def _times(world: World, words: str) -> list[float]:
    """Asked seven times in milliseconds, after one that does not count."""
    query, took = read(words), []
    for _again in range(TIMES):
        began = time.perf_counter()
        found = search(query, [world.north.pk], {}).reports
        took.append((time.perf_counter() - began) * 1000)
        assert bool(found) is (words not in NEVER)
    return took[1:]


def _fill(world: World) -> None:
    """Each report with its marks, one of four words, one of fifty numbers, one of a thousand names, and a sentence."""
    word = "CASE i % 4 " + " ".join(f"WHEN {n} THEN '{one}'" for n, one in enumerate(WORDS)) + " END"
    marks = " ".join(mark(kind, value) for kind, value in
                     (("site", world.north.pk), ("modality", "CT"), ("year", 2026), ("signer", 1)))  # fmt: skip
    body = f"'{marks} ' || {word} || ' growing in segment ' || (i % 50) || ' {REST} of name' || (i % 1000)"
    pour(ReportText, (1, REPORTS), report_id=Sql(f"{FIRST} + i"), site_id=world.north.pk, modality="CT", year=2026,
         signer_id="1", signer_name="Bench", body=Sql(body))  # fmt: skip
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT gin_clean_pending_list('reporting_reporttext_fts')")
        cursor.execute("ANALYZE")
