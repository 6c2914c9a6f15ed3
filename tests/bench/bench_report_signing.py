"""From the signature to the PDF that anybody may open, and to the copy in the archive that was read back."""

from __future__ import annotations

import statistics
import threading
import time

import pytest
from django.db import connection

from reporting.models import Artifact, Publication, Report, ReportVersion
from reporting.render import render_pdf
from ris.events.models import Delivery
from ris.events.outbox import attempt
from tests.bench.figures import Figure, Record, median_ms
from tests.exam import draft, sign
from tests.reporting.archive import archived_case
from tests.reporting.render.examples import saying
from tests.services.orthanc import Server
from tests.world import World

REPORTS, READERS, EACH, REPEATS = 9, 10, 4, 7
LONG = "\n".join(f"Segment {number}: no nodule, no consolidation, vessels regular." for number in range(700))
pytestmark = [pytest.mark.orthanc, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("signing_key")]


def bench_sign_to_archived(live_world: World, orthanc: Server, record: Record) -> None:
    """One reader, one report after the other; the archive's turn is done at once, as a worker that waits does it."""
    drafts = [draft(live_world, task=archived_case(live_world, orthanc)) for _ in range(REPORTS + 1)]
    took = [signed_and_archived(live_world, one) for one in drafts][1:]
    for metric, values in zip(("sign_to_pdf_ms", "sign_to_archived_ms"), zip(*took, strict=True), strict=True):
        record.add(Figure("report", f"reports={REPORTS}", metric, round(statistics.median(values), 1), "ms"))


def signed_and_archived(world: World, report: Report) -> tuple[float, float]:
    began = time.perf_counter()
    version = sign(report, world.radiologist)
    assert Artifact.objects.filter(version=version, kind="pdf").exists()
    shown = time.perf_counter()
    rows = Delivery.objects.filter(subscriber="reporting.archive", event__payload={"version_id": version.pk})
    assert attempt(rows.get().pk)
    assert Publication.objects.get(version=version).archive_state == "archived"
    return (shown - began) * 1000, (time.perf_counter() - began) * 1000


def bench_ten_radiologists(live_world: World, record: Record) -> None:
    """Ten at once, each signing one report after the other, in one process."""
    piles = [[draft(live_world) for _ in range(EACH)] for _ in range(READERS)]
    gate = threading.Barrier(READERS + 1)

    def work(pile: list[Report]) -> None:
        gate.wait()
        for report in pile:
            sign(report, live_world.radiologist)
        connection.close()

    threads = [threading.Thread(target=work, args=(pile,)) for pile in piles]
    for thread in threads:
        thread.start()
    gate.wait()
    began = time.perf_counter()
    for thread in threads:
        thread.join()
    took = time.perf_counter() - began
    assert ReportVersion.objects.count() == READERS * EACH
    record.add(Figure("report", f"radiologists={READERS}", "signs_per_s", round(READERS * EACH / took, 2), "1/s"))


def bench_pages(record: Record) -> None:
    content = saying(LONG)
    pages = render_pdf(content).count(b"/Type /Page\n")
    assert pages > 10
    took = median_ms(lambda: render_pdf(content), REPEATS)
    record.add(Figure("report", f"pages={pages}", "pdf_pages_per_s", round(pages / took * 1000, 1), "1/s"))
