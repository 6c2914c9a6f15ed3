"""From the press of Sign to the PDF that anybody may open, and to the copy in the archive that was read back.

Asked of Django as a browser asks it: with the password (hashed as in real life), the doubts and the signature. The
archive's turn is done by `manage.py run_deliveries`, a process of its own that finds the work by itself.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import global_settings
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from reporting.models import Publication, Report, ReportVersion
from reporting.numbers import numbers_of
from reporting.render import render_pdf
from ris.accounts.models import Membership, User
from tests.bench.figures import Figure, Record, median_ms
from tests.conformance.scp_process import ROOT, environment
from tests.exam import draft
from tests.reporting.archive import archived_case
from tests.reporting.render.examples import saying
from tests.services.orthanc import Server
from tests.world import PASSWORD, World

REPORTS, READERS, EACH, REPEATS = 9, 10, 4, 7
PATIENCE, GLANCE = 60.0, 0.01  # seconds
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
LONG = "\n".join(f"Segment {number}: no nodule, no consolidation, vessels regular." for number in range(700))
pytestmark = [pytest.mark.orthanc, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("signing_key")]


@pytest.fixture
def hashed(settings: Settings) -> None:
    """Passwords cost what they cost in real life."""
    settings.PASSWORD_HASHERS = global_settings.PASSWORD_HASHERS
    cache.clear()


@pytest.fixture
def deliveries(orthanc: Server, settings: Settings, tmp_path: Path) -> Iterator[None]:
    """The real process; it looks for work as often as in a clinic without Celery."""
    user, password = orthanc.credentials
    archive = {"ORTHANC_URL": orthanc.url, "ORTHANC_USERNAME": user, "ORTHANC_PASSWORD": password, "ORTHANC_TOKEN": ""}
    env = environment(0, ISOCENTER_TEST_DIR=str(Path(settings.DATA_DIR).parent), ARCHIVE_KIND="orthanc", **archive)
    command = [sys.executable, "manage.py", "run_deliveries"]
    with (tmp_path / "deliveries.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=log, stderr=log)
    yield
    process.terminate()
    process.wait(30)


def readers(world: World, count: int) -> list[User]:
    """Radiologists of the north, each with a password of their own."""
    rows = [User.objects.create_user(username=f"reader{number}", password=PASSWORD) for number in range(count)]
    role = Membership.objects.get(user=world.radiologist, site=world.north).role
    Membership.objects.bulk_create(Membership(user=user, site=world.north, role=role) for user in rows)
    return rows


def browser_of(user: User) -> Client:
    client = Client()
    client.force_login(user, BACKEND)
    return client


def form_of(report: Report) -> dict[str, Any]:
    """What the pane sends; made before the clock runs, as the page was."""
    shown = Report.objects.select_related("task", "template").get(pk=report.pk)
    seen = numbers_of(shown)["numbers_version"]
    return {"revision": report.revision, "numbers": seen, "kind": "final", "password": PASSWORD}


def press_sign(client: Client, report: Report, form: dict[str, Any]) -> None:
    answer = client.post(reverse("reporting:sign", args=[report.pk]), form)
    assert answer.status_code == 200, answer.content[:500]


def bench_sign_to_archived(live_world: World, orthanc: Server, deliveries: None, hashed: None, record: Record) -> None:
    """One reader, one report after the other."""
    (reader,) = readers(live_world, 1)
    drafts = [draft(live_world, by=reader, task=archived_case(live_world, orthanc)) for _ in range(REPORTS + 1)]
    client = browser_of(reader)
    took = [signed_and_archived(client, one) for one in drafts][1:]
    for metric, values in zip(("sign_to_pdf_ms", "sign_to_archived_ms"), zip(*took, strict=True), strict=True):
        record.add(Figure("report", f"reports={REPORTS}", metric, round(statistics.median(values), 1), "ms"))


def signed_and_archived(client: Client, report: Report) -> tuple[float, float]:
    form = form_of(report)
    began = time.perf_counter()
    press_sign(client, report, form)
    version = report.versions.get()
    answer = client.get(reverse("reporting:pdf", args=[version.pk]))
    assert answer.getvalue().startswith(b"%PDF-")
    shown = time.perf_counter()
    while Publication.objects.get(version=version).archive_state != "archived":
        assert time.perf_counter() - began < PATIENCE, "nobody took it to the archive"
        time.sleep(GLANCE)
    return (shown - began) * 1000, (time.perf_counter() - began) * 1000


def bench_ten_radiologists(live_world: World, hashed: None, record: Record) -> None:
    """Ten people at once, each signing one report after the other, served by one process."""
    people = readers(live_world, READERS)
    piles = [(browser_of(user), [draft(live_world, by=user) for _ in range(EACH)]) for user in people]
    work = [(client, [(report, form_of(report)) for report in pile]) for client, pile in piles]
    gate = threading.Barrier(READERS + 1)
    faults: list[AssertionError] = []

    def sign_all(client: Client, pile: list[tuple[Report, dict[str, Any]]]) -> None:
        gate.wait()
        try:
            for report, form in pile:
                press_sign(client, report, form)
        except AssertionError as fault:
            faults.append(fault)
        finally:
            connection.close()

    threads = [threading.Thread(target=sign_all, args=one) for one in work]
    for thread in threads:
        thread.start()
    gate.wait()
    began = time.perf_counter()
    for thread in threads:
        thread.join()
    took = time.perf_counter() - began
    assert not faults
    assert ReportVersion.objects.count() == READERS * EACH
    record.add(Figure("report", f"radiologists={READERS}", "signs_per_s", round(READERS * EACH / took, 2), "1/s"))


def bench_pages(record: Record) -> None:
    content = saying(LONG)
    pages = render_pdf(content).count(b"/Type /Page\n")
    assert pages > 10
    took = median_ms(lambda: render_pdf(content), REPEATS)
    record.add(Figure("report", f"pages={pages}", "pdf_pages_per_s", round(pages / took * 1000, 1), "1/s"))
