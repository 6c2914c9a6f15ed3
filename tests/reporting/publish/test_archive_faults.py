"""The archive away, frozen, killed, full; the worker killed anywhere: a report is in it once, or not called so.

The archive is a real Orthanc, the workers are `manage.py run_deliveries` (tests.reporting.publish.mortal); where the
worker is not what dies, some tests take its turns themselves, to know when each is over.
"""

from __future__ import annotations

import contextlib
import os
import random
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.db.models import Sum
from django.utils import timezone
from pytest_django import Settings

from reporting.actions import publish
from reporting.models import Artifact, Publication, ReportVersion
from reporting.publish.encapsulated_pdf import extract_pdf
from ris.events.models import Delivery, Event
from ris.events.outbox import attempt
from tests.exam import draft, sign
from tests.reporting.archive import archived_case, documents
from tests.reporting.publish.mortal import PATIENCE, Mortals, mortals
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


@contextmanager
def workers(server: Server, folder: Path) -> Iterator[Mortals]:
    user, password = server.credentials
    archive = {"ORTHANC_URL": server.url, "ORTHANC_USERNAME": user, "ORTHANC_PASSWORD": password}
    with mortals(folder / "workers.log", Path(django_settings.DATA_DIR), archive) as found:
        yield found


def eventually(true: Callable[[], object], what: str, seconds: float = PATIENCE) -> None:
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until, what
        time.sleep(0.005)


def on_the_way() -> int:
    """Deliveries to the archive that are not done."""
    return Delivery.objects.filter(subscriber="reporting.archive").exclude(state="done").count()


def taken() -> int:
    """How often one was taken in hand."""
    rows = Delivery.objects.filter(subscriber="reporting.archive")
    return int(rows.aggregate(times=Sum("attempts"))["times"] or 0)


def test_twenty_reports_signed_while_it_is_away_are_in_it_within_a_minute_of_its_return(
    live_world: World, mine: Server, tmp_path: Path
) -> None:
    drafts = [draft(live_world, task=archived_case(live_world, mine)) for _ in range(20)]
    mine.process.stop(grace=0)
    with workers(mine, tmp_path) as found:
        worker = found.start()
        versions = [sign(one, live_world.radiologist) for one in drafts]
        eventually(lambda: taken() >= len(versions), "nobody tries")
        assert states(versions) == {"pending"}
        mine.process.start()
        eventually(lambda: not on_the_way(), "they are not all there after a minute", 60)
        found.stop(worker)
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
    live_world: World,
    fresh_orthanc: Callable[..., Server],
    small_disk: Path,  # noqa: F811
    settings: Settings,
    tmp_path: Path,
) -> None:
    server = named(fresh_orthanc(storage=small_disk), settings)
    versions = signed(live_world, server, 1)
    filler = small_disk / "filler"
    fill(filler)
    with workers(server, tmp_path) as found:
        worker = found.start()
        waiting = Delivery.objects.filter(subscriber="reporting.archive").exclude(last_error="")
        eventually(waiting.exists, "nobody says that it failed")
        assert (states(versions), waiting.get().state) == ({"pending"}, "pending")
        filler.unlink()
        eventually(lambda: not on_the_way(), "it does not go in")
        found.stop(worker)
    stand_once(versions, server)


def _kill_at_any_moment(found: Mortals, kills: int) -> None:
    """Workers one after the other, each killed a while after it has taken something; until nothing is left to take."""
    for _ in range(kills):
        before, worker = taken(), found.start()
        eventually(lambda: taken() > before or not on_the_way(), "nobody works")  # noqa: B023  used within the round
        time.sleep(CHANCE.uniform(0.0, 0.15))
        found.kill(worker)


@pytest.mark.parametrize("kills", [8, pytest.param(100, marks=pytest.mark.soak)])
def test_workers_that_are_killed_at_any_moment_leave_each_report_in_it_once(
    live_world: World, mine: Server, tmp_path: Path, kills: int
) -> None:
    versions = signed(live_world, mine, kills + 4)
    with workers(mine, tmp_path) as found:
        _kill_at_any_moment(found, kills)
        last = found.start()
        eventually(lambda: not on_the_way(), "the last one does not finish")
        found.stop(last)
    stand_once(versions, mine)
    assert taken() - len(versions) > kills // 4, "they were killed with nothing in hand: the waits are wrong"
    told = Event.objects.filter(kind="report.archived").values_list("payload__version_id", flat=True)
    assert sorted(told) == sorted(version.pk for version in versions), "each told once"
