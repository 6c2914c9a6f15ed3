"""The process that moves a study is killed at random moments: every object stays somewhere, and arrives once."""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import timezone

from ris.events.models import Event
from tests.conformance.scp_process import ROOT, environment
from tests.ris.dicom.objects import ct, new_uid
from tests.services.orthanc import Server
from tests.world import World
from worklist.models import Study
from worklist.rehoming.actions import rehome
from worklist.rehoming.carrying import MATCHER
from worklist.rehoming.folder import folder_of
from worklist.rehoming.identity import Identity
from worklist.rehoming.rows import Rehoming
from worklist.rehoming.sweeping import sweep

from .studies import carried, everything, send

OBJECTS = 12
LONGEST = 0.25  # seconds that a worker lives, at most, once it works


@contextmanager
def killer(event: Event, server: Server) -> Iterator[Callable[[float], str]]:
    """Lets a worker live so many seconds; how it ended."""
    user, password = server.credentials
    orthanc = {"ORTHANC_URL": server.url, "ORTHANC_USERNAME": user, "ORTHANC_PASSWORD": password, "ORTHANC_TOKEN": ""}
    command = [sys.executable, "-m", "tests.worklist.rehoming.mover", str(event.pk)]
    env = environment(0, ISOCENTER_TEST_DIR=str(Path(settings.DATA_DIR).parent), ARCHIVE_KIND="orthanc", **orthanc)
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, cwd=ROOT, env=env, text=True, **pipes) as process:  # type: ignore[call-overload]

        def live(seconds: float) -> str:
            process.stdin.write(f"{seconds}\n")
            process.stdin.flush()
            return str(process.stdout.readline()).strip()

        yield live
        process.stdin.close()


def kill_again_and_again(server: Server, wanted: Identity, kills: int) -> None:
    uid, series = new_uid(), new_uid()
    send(server, *[ct(StudyInstanceUID=uid, SeriesInstanceUID=series) for _ in range(OBJECTS)])
    uids = {key.split()[1] for key in everything(server, uid)}
    row = rehome(Study.objects.create(study_instance_uid=uid), wanted, kind="link", reason="Test", by=MATCHER)
    event = Event.objects.get(kind="study.rehoming", payload__rehoming=row.pk)
    with killer(event, server) as live:
        ends = []
        for _ in range(kills):
            Rehoming.objects.filter(pk=row.pk).update(working_until=timezone.now())  # the dead one's lease ran out
            ends.append(live(random.uniform(0, LONGEST)))  # noqa: S311  the moment of death
            present = {key.split()[1] for key in everything(server, uid)}
            kept = len(list(folder_of(row.pk).glob("*.old")))
            assert len(uids - present) <= kept, "what is not there is kept here"
    assert "killed" in ends
    Rehoming.objects.filter(pk=row.pk).update(working_until=timezone.now())
    assert carried(row).state == "done"
    found = everything(server, uid)
    assert ({key.split()[1] for key in found}, {key.split()[0] for key in found}) == (uids, {wanted.patient_id})
    assert len(found) == OBJECTS
    sweep()  # a worker may have died between the end and its tidying up
    assert not list(folder_of(row.pk).iterdir())


@pytest.mark.db
@pytest.mark.parametrize("wanted", [Identity("NEW", name="New^Name"), Identity("T-1", accession="RIGHT")])
def test_a_worker_that_is_killed_loses_and_doubles_nothing(
    wanted: Identity, live_world: World, orthanc: Server
) -> None:
    kill_again_and_again(orthanc, wanted, 6)


@pytest.mark.soak
@pytest.mark.parametrize("wanted", [Identity("NEW", name="New^Name"), Identity("T-1", accession="RIGHT")])
def test_forty_killed_workers_lose_and_double_nothing(wanted: Identity, live_world: World, orthanc: Server) -> None:
    kill_again_and_again(orthanc, wanted, 40)
