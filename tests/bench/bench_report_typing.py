"""Autosave of a hundred editors that are open at once, through all of Django; and the archive of reports asked."""

from __future__ import annotations

import statistics
import threading
import time

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from reporting.actions import open_report
from reporting.finding.query import Query, mark, read
from reporting.finding.record import ReportText
from reporting.finding.search import search
from reporting.models import Report
from tests.bench import caseload
from tests.bench.caseload import FIRST, Sql, pour
from tests.bench.figures import Figure, Record, median_ms
from tests.exam import case
from tests.world import World
from worklist.actions.reading import claim

EDITORS, HANDS, SAVES, REPORTS = 100, 5, 2, 100_000
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
WORDS = ("nodule", "effusion", "fracture", "atelectasis")
pytestmark = [pytest.mark.django_db(transaction=True)]


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


def bench_search(live_world: World, record: Record) -> None:
    """A word of every fourth report, two words, and a phrase, with facets and the newest page, for one site."""
    caseload.settle(live_world)
    caseload.fill(live_world, first=1, last=REPORTS, unread=10)
    template = open_report(claim(case(live_world), by=live_world.radiologist), by=live_world.radiologist).template_id
    _fill(live_world, template)
    asked = [read(words) for words in ("nodule", "effusion growing", '"in segment 17"')]
    worst = max(median_ms(lambda one=one: _found(one, live_world), 7) for one in asked)  # type: ignore[misc]
    record.add(Figure("report", f"reports={REPORTS}", "search_ms", worst, "ms"))


def _found(query: Query, world: World) -> None:
    assert search(query, [world.north.pk], {}).reports


def _fill(world: World, template: int) -> None:
    key, span = Sql(f"{FIRST} + i"), (1, REPORTS)
    word = "CASE i % 4 " + " ".join(f"WHEN {n} THEN '{one}'" for n, one in enumerate(WORDS)) + " END"
    site = mark("site", world.north.pk)
    pour(Report, span, id=key, task_id=key, site_id=world.north.pk, template_id=template, state="final",
         author_id="1", author_name="Bench", created_at=timezone.now())  # fmt: skip
    pour(ReportText, span, report_id=key, site_id=world.north.pk, modality="CT", year=2026, signer_id="1",
         signer_name="Bench", body=Sql(f"'{site} ' || {word} || ' growing in segment ' || (i % 50)"))  # fmt: skip
