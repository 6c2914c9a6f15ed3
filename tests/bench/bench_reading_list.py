"""The reading list over a thousand exams and over a million with ten thousand unread, in turn, on both databases."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.bench import caseload
from tests.bench.figures import Figure, Record
from tests.services.postgres import postgres_server
from tests.world import World
from worklist.actions.filters import keep_filter
from worklist.reading.filters import Filter

FEW, MANY, UNREAD = 1_000, 1_000_000, 10_000
ROUNDS = 20
LIST = "/worklist/reading/"
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
INNER = "READING_BENCH_INSIDE"


@pytest.mark.django_db(transaction=True)
def bench_list_over_a_million_exams(live_world: World, record: Record, tmp_path: Path) -> None:
    keep_filter(Filter(modality="MR"), name="MR", site=None, by=live_world.radiologist)
    keep_filter(Filter(priority="STAT", part="CHEST"), name="Urgent", site=None, by=live_world.radiologist)
    caseload.settle(live_world)
    client = Client()
    client.force_login(live_world.radiologist, BACKEND)
    caseload.fill(live_world, first=1, last=FEW, unread=2 * FEW)
    with caseload.two_databases(tmp_path) as (small, large):
        caseload.use(large)
        caseload.fill(live_world, first=FEW + 1, last=MANY, unread=UNREAD - FEW)
        figures(record, small, large, client)


@pytest.mark.skipif(INNER in os.environ, reason="This is the run on PostgreSQL.")
def bench_list_on_postgresql(record: Record) -> None:
    """The same in a process of its own, on a PostgreSQL of its own."""
    if connection.vendor != "sqlite":
        return
    with postgres_server() as url:
        command = [sys.executable, "-m", "pytest", __file__, "-q", "-s", "-o", "python_functions=bench_list_over*"]
        env = {**os.environ, "DATABASE_URL": url, INNER: "1"}
        done = subprocess.run(
            [*command, "-p", "no:cacheprovider"], env=env, capture_output=True, text=True, check=False
        )
    assert done.returncode == 0, done.stdout[-4000:]
    for line in done.stdout.splitlines():
        if "{" in line and '"bench"' in line:
            row = json.loads(line[line.index("{") :])
            record.add(Figure(**{name: value for name, value in row.items() if name != "times_better"}))


def figures(record: Record, small: str, large: str, client: Client) -> None:
    """Both databases in turn, so that what else the machine does meets both alike."""
    sizes = {small: f"exams={FEW} unread={FEW}", large: f"exams={MANY} unread={UNREAD}"}
    times: dict[str, list[float]] = {small: [], large: []}
    queries = {name: warmed(name, client) for name in sizes}
    assert queries[small] == queries[large], queries
    for _ in range(ROUNDS):
        for name in sizes:
            caseload.use(name)
            times[name].append(took(client))
    for name, words in sizes.items():
        record.add(Figure("reading", f"{connection.vendor} {words}", "list_p95_ms", p95(times[name]), "ms"))
    growth = round(p95(times[large]) / p95(times[small]), 2)
    record.add(Figure("reading", f"{connection.vendor} exams={FEW}..{MANY}", "list_p95_growth", growth, "times"))
    record.add(Figure("reading", f"{connection.vendor} exams={FEW}..{MANY}", "list_queries", queries[large], "queries"))


def warmed(name: str, client: Client) -> int:
    """How many queries the page takes; it shows its most."""
    caseload.use(name)
    for _ in range(3):
        with CaptureQueriesContext(connection) as seen:
            answer = client.get(LIST)
        assert answer.status_code == 200
    assert len(answer.context["tasks"]) == 200
    expected = UNREAD if "large" in name else FEW
    assert abs(answer.context["tabs"][0]["count"] - expected) < expected * 0.02
    return len(seen)


def took(client: Client) -> float:
    """Milliseconds of the whole page; the faster of two: the first warms up, and a neighbour's burst is no growth."""
    found = []
    for _ in range(2):
        began = time.perf_counter()
        client.get(LIST)
        found.append((time.perf_counter() - began) * 1000)
    return min(found)


def p95(times: list[float]) -> float:
    return round(statistics.quantiles(times, n=20)[-1], 1)
