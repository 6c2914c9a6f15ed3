"""The archive away, frozen, killed, full; the worker killed anywhere: a report is in it once, or not called so."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import random
import signal
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connections
from django.utils import timezone
from pytest_django import Settings

from reporting.actions import publish
from reporting.models import Artifact, Publication, ReportVersion
from reporting.publish.encapsulated_pdf import extract_pdf
from ris.events.models import Delivery
from ris.events.outbox import attempt
from tests.exam import draft, sign
from tests.reporting.archive import archived_case, documents
from tests.ris.dicom.archive.test_faults import small_disk  # noqa: F401  a fixture
from tests.services.orthanc import Server
from tests.world import World

CHANCE = random.Random(20261121)  # noqa: S311  it picks moments
pytestmark = [pytest.mark.orthanc, pytest.mark.usefixtures("signing_key", "own_uids")]


@pytest.fixture
def mine(fresh_orthanc: Callable[..., Server], settings: Settings) -> Server:
    """An Orthanc of one's own, and `get_archive()` means it."""
    return named(fresh_orthanc(), settings)


def named(server: Server, settings: Settings) -> Server:
    settings.ARCHIVE_KIND, settings.ORTHANC_URL, settings.ORTHANC_TOKEN = "orthanc", server.url, ""
    settings.ORTHANC_USERNAME, settings.ORTHANC_PASSWORD = server.credentials
    return server


def signed(world: World, server: Server, count: int) -> list[ReportVersion]:
    """As many reports, each of images that stand in the archive."""
    return [sign(draft(world, task=archived_case(world, server)), world.radiologist) for _ in range(count)]


def deliver(versions: list[ReportVersion]) -> None:
    """A turn of the worker for each, as if the waits and the leases of dead ones had run out."""
    for version in versions:
        rows = Delivery.objects.filter(subscriber="reporting.archive", event__payload={"version_id": version.pk})
        past = timezone.now() - timedelta(seconds=1)
        rows.filter(lease_until__isnull=False).update(lease_until=past)
        rows.update(next_at=past)
        attempt(rows.get().pk)


def states(versions: list[ReportVersion]) -> set[str]:
    return set(Publication.objects.filter(version__in=versions).values_list("archive_state", flat=True))


def stand_once(versions: list[ReportVersion], server: Server) -> None:
    """Each is called archived, and its study has exactly its own document, byte for byte."""
    assert states(versions) == {"archived"}
    for version in versions:
        uid = version.publication.sop_instance_uid
        assert documents(server, version.study_instance_uid) == [uid]
        archive = server.archive()
        where = archive.locate(uid)
        assert where is not None
        assert extract_pdf(archive.retrieve(where)) == bytes(Artifact.objects.get(version=version, kind="pdf").body)


def test_reports_signed_while_it_is_away_go_in_when_it_returns(world: World, mine: Server) -> None:
    drafts = [draft(world, task=archived_case(world, mine)) for _ in range(4)]
    mine.process.stop(grace=0)
    versions = [sign(one, world.radiologist) for one in drafts]
    deliver(versions)
    assert states(versions) == {"pending"}
    mine.process.start()
    deliver(versions)
    stand_once(versions, mine)


def test_while_it_hangs_people_sign_and_nothing_is_called_archived(
    world: World, mine: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publish, "get_archive", lambda: mine.archive(timeout=(1.0, 1.0)))
    waiting = draft(world, task=archived_case(world, mine))
    versions = signed(world, mine, 1)
    os.kill(mine.process.pid or 0, signal.SIGSTOP)
    try:
        deliver(versions)
        versions.append(sign(waiting, world.radiologist))
        assert states(versions) == {"pending"}
        problem = Delivery.objects.get(subscriber="reporting.archive", event__payload={"version_id": versions[0].pk})
        assert (problem.state, bool(problem.last_error)) == ("pending", True)
    finally:
        os.kill(mine.process.pid or 0, signal.SIGCONT)
    monkeypatch.undo()
    deliver(versions)
    stand_once(versions, mine)


def test_killed_in_the_middle_of_a_store_it_has_each_report_once(world: World, mine: Server) -> None:
    versions = signed(world, mine, 4)
    for version in versions:
        killer = threading.Timer(CHANCE.uniform(0.0, 0.15), os.kill, (mine.process.pid or 0, signal.SIGKILL))
        killer.start()
        deliver([version])
        killer.join()
        mine.process.stop(grace=0)
        mine.process.start()
    deliver(versions)
    stand_once(versions, mine)


def fill(file: Path) -> None:
    """Until not one more byte goes onto the disk."""
    with contextlib.suppress(OSError), file.open("wb", buffering=0) as output:
        while output.write(b"\0" * 4096):
            pass


def test_on_a_full_disk_it_waits_says_why_and_goes_in_when_there_is_room(
    world: World,
    fresh_orthanc: Callable[..., Server],
    small_disk: Path,  # noqa: F811
    settings: Settings,
) -> None:
    server = named(fresh_orthanc(storage=small_disk), settings)
    versions = signed(world, server, 1)
    filler = small_disk / "filler"
    fill(filler)
    deliver(versions)
    delivery = Delivery.objects.get(subscriber="reporting.archive")
    assert (states(versions), delivery.state, bool(delivery.last_error)) == ({"pending"}, "pending", True)
    filler.unlink()
    deliver(versions)
    stand_once(versions, server)


def _work_in_a_process_of_its_own(version: ReportVersion) -> None:
    connections.close_all()
    deliver([version])
    os._exit(0)


def _kill_anywhere(versions: list[ReportVersion]) -> int:
    """One worker each, ended by SIGKILL after a while that differs each time; how many were."""
    killed = 0
    for version in versions:
        connections.close_all()
        process = multiprocessing.get_context("fork").Process(target=_work_in_a_process_of_its_own, args=(version,))
        process.start()
        time.sleep(CHANCE.uniform(0.0, 0.4))
        if process.is_alive():
            os.kill(process.pid or 0, signal.SIGKILL)
            killed += 1
        process.join()
    return killed


# Not marked db: a fork of a process that holds a pool of PostgreSQL connections shares them with its parent.
@pytest.mark.parametrize("count", [10, pytest.param(100, marks=pytest.mark.soak)])
def test_workers_that_are_killed_anywhere_leave_each_report_in_it_once(
    live_world: World, mine: Server, count: int
) -> None:
    versions = signed(live_world, mine, count)
    assert _kill_anywhere(versions) > count // 10, "the waits are too long"
    deliver([version for version in versions if states([version]) != {"archived"}])
    stand_once(versions, mine)
    assert not Delivery.objects.filter(subscriber="reporting.archive").exclude(state="done").exists()
