"""Archives that are down, stopped, slow or lie, notices in any order, odd clocks: nothing lost, nothing doubled."""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest
from django.db import connections
from django.utils import timezone
from pytest_django import Settings

from ris.dicom.archive.dicomweb import PAGE, DicomwebArchive
from ris.dicom.archive.orthanc import OrthancArchive
from ris.dicom.archive.transport import Access
from ris.events.models import Delivery, Event
from ris.events.outbox import attempt
from ris.orders.models import RequestedProcedure
from tests.exam import performed
from tests.ris.dicom.archive.test_transport import Peer, Script, answer, archive_at
from tests.services.orthanc import Server
from tests.worklist.learning.pictures import image_of
from tests.world import World
from worklist import subscribers
from worklist.actions.notices import notice_study
from worklist.models import ChangeCursor, ReadingTask, Study, StudyLink

pytestmark = pytest.mark.django_db


def impatient(monkeypatch: pytest.MonkeyPatch, asked: DicomwebArchive | OrthancArchive) -> None:
    """Half a second is long enough to wait for an archive that is stopped."""
    monkeypatch.setattr(subscribers, "get_archive", lambda: asked)


@contextmanager
def stopped(server: Server) -> Iterator[None]:
    os.kill(server.process.pid or 0, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(server.process.pid or 0, signal.SIGCONT)


def delivered() -> None:
    Delivery.objects.filter(state="pending").update(next_at=timezone.now())
    for delivery in Delivery.objects.filter(event__kind="study.noticed", state="pending"):
        attempt(delivery.pk)


def one_of_each(requested: RequestedProcedure) -> None:
    study = Study.objects.get(study_instance_uid=requested.study_instance_uid)
    assert study.state == "matched"
    assert StudyLink.objects.filter(study=study).count() == 1
    assert Event.objects.filter(kind="study.linked", target_id=str(study.pk)).count() == 1
    assert ReadingTask.objects.filter(requested_procedures=requested).count() <= 1


def test_an_orthanc_that_was_killed_is_asked_again_when_it_is_back(world: World, archive: Server) -> None:
    requested = world.requested()
    archive.archive().store([image_of(requested)])
    row = archive.archive().study(requested.study_instance_uid)
    assert row is not None
    notice_study(archive_id=row.archive_id, by=world.technologist)
    archive.process.stop(grace=0)
    delivered()
    subscribers.poll()
    assert not Study.objects.exists()
    assert Delivery.objects.get(event__kind="study.noticed").state == "pending"
    archive.process.start()
    subscribers.poll()
    one_of_each(requested)
    delivered()
    one_of_each(requested)


def test_an_orthanc_that_stands_still_loses_nothing(
    world: World, archive: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    requested = world.requested()
    archive.archive().store([image_of(requested)])
    impatient(monkeypatch, archive.archive(timeout=(0.5, 0.5)))
    with stopped(archive):
        subscribers.poll()
        notice_study(study_uid=requested.study_instance_uid, by=world.technologist)
        delivered()
        assert not Study.objects.exists()
    monkeypatch.undo()
    subscribers.poll()
    delivered()
    one_of_each(requested)


def test_an_orthanc_that_stops_in_the_middle_of_its_feed_is_read_on_from_there(
    world: World, archive: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    exams = [world.requested() for _ in range(4)]
    archive.archive().store([image_of(one) for one in exams])
    asked = archive.archive(timeout=(0.5, 0.5))
    impatient(monkeypatch, asked)
    by_id = asked.study_by_archive_id
    seen: list[str] = []

    def then_stop(archive_id: str) -> Any:
        if len(seen) == 2:
            os.kill(archive.process.pid or 0, signal.SIGSTOP)
        seen.append(archive_id)
        return by_id(archive_id)

    monkeypatch.setattr(asked, "study_by_archive_id", then_stop)
    try:
        subscribers.poll()
    finally:
        os.kill(archive.process.pid or 0, signal.SIGCONT)
    assert Study.objects.count() == 2
    assert ChangeCursor.objects.get(name="archive").position == 0
    monkeypatch.undo()
    subscribers.poll()
    for one in exams:
        one_of_each(one)


def test_one_study_that_the_archive_cannot_tell_of_holds_up_no_other(
    world: World, archive: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    odd, plain = world.requested(), world.requested()
    archive.archive().store([image_of(odd), image_of(plain)])
    asked = archive.archive()
    impatient(monkeypatch, asked)
    series = asked.series

    def broken(study_uid: str) -> Any:
        if study_uid == odd.study_instance_uid:
            asked.client.native("GET", "/no-such-address")
        return series(study_uid)

    monkeypatch.setattr(asked, "series", broken)
    subscribers.poll()
    one_of_each(plain)
    assert ChangeCursor.objects.get(name="archive").position > 0
    assert Event.objects.filter(kind="study.noticed").count() == 1
    monkeypatch.undo()
    delivered()
    one_of_each(odd)


def _told_of(uid: str, accession: str) -> dict[str, Any]:
    return {
        "0020000D": {"vr": "UI", "Value": [uid]}, "00080050": {"vr": "SH", "Value": [accession]},
        "00080020": {"vr": "DA", "Value": ["20190101"]}, "00201208": {"vr": "IS", "Value": [1]},
    }  # fmt: skip


def test_an_archive_that_answers_other_studies_than_asked_is_not_believed(
    world: World,
    peer: Callable[[Script], Peer],
    monkeypatch: pytest.MonkeyPatch,
    settings: Settings,
) -> None:
    settings.ARCHIVE_KIND = "dicomweb"
    requested = world.requested()
    performed(world, requested)
    liar = peer(answer(200, [_told_of("2.25.666", "SOMEBODYELSE")]))
    impatient(monkeypatch, archive_at(liar))
    subscribers.poll()
    notice_study(study_uid=requested.study_instance_uid, by=world.technologist)
    delivered()
    assert not Study.objects.exists()
    assert all("limit=" in path for _verb, path, _headers in liar.asked if "/studies" in path)


def test_an_archive_that_ignores_the_day_is_not_read_to_its_end(
    world: World,
    peer: Callable[[Script], Peer],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    everything = peer(answer(200, [_told_of(f"2.25.6{at}", "X") for at in range(PAGE)]))
    today = timezone.now().date()
    assert archive_at(everything).studies_of(today, today) == []
    assert len(everything.asked) == 1


@pytest.mark.parametrize(
    ("name", "declared"),
    [
        ("Møller^Åse".encode("latin-1"), "ISO_IR 192"), ("Møller^Åse".encode(), "ISO_IR 100"),
        ("Møller^Åse".encode("latin-1"), ""), (b"\xff\xfe\x80^\x81", "ISO_IR 192"),
    ],
)  # fmt: skip
def test_a_name_in_a_wrong_character_set_loses_no_study_and_links_none_wrongly(
    name: bytes, declared: str, world: World, archive: Server
) -> None:
    odd, plain = world.requested(), world.requested()
    written = image_of(odd, PatientName="QQQQQQQQQQ", SpecificCharacterSet=declared or None)
    archive.archive().store([written.replace(b"QQQQQQQQQQ", name[:10].ljust(10)), image_of(plain)])
    subscribers.poll()
    one_of_each(plain)
    study = Study.objects.get(study_instance_uid=odd.study_instance_uid)
    linked = StudyLink.objects.filter(study=study)
    assert study.state in {"matched", "unmatched"}
    assert all(link.requested_procedure == odd for link in linked)
    assert study.state == "matched" or any("family name" in finding for finding in study.findings)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_notices_twice_and_in_any_order_make_one_of_each(seed: int, world: World, archive: Server) -> None:
    exams = [world.requested() for _ in range(3)]
    archive.archive().store([image_of(one) for one in exams])
    ids = {one: archive.archive().study(one.study_instance_uid) for one in exams}
    chance = random.Random(seed)  # noqa: S311
    notices = [(one, way) for one in exams for way in ("uid", "id") for _ in range(2)]
    chance.shuffle(notices)
    for one, way in notices:
        row = ids[one]
        assert row is not None
        told = {"study_uid": one.study_instance_uid} if way == "uid" else {"archive_id": row.archive_id}
        notice_study(by=world.technologist, **told)
    pending = list(Delivery.objects.filter(event__kind="study.noticed").values_list("pk", flat=True))
    chance.shuffle(pending)
    for at, pk in enumerate(pending):
        attempt(pk)
        if at == len(pending) // 2:
            subscribers.poll()
    for one in exams:
        one_of_each(one)


def test_a_clock_that_was_set_back_holds_up_no_polling(world: World, archive: Server) -> None:
    requested = world.requested()
    archive.archive().store([image_of(requested)])
    ChangeCursor.objects.create(name="archive", polled_at=timezone.now() + timedelta(days=400))
    subscribers.poll_if_late()
    one_of_each(requested)


@pytest.mark.parametrize("day", ["20490101", "19700101", ""])
def test_a_device_with_a_wrong_clock_still_delivers(day: str, world: World, archive: Server) -> None:
    requested = world.requested()
    archive.archive().store([image_of(requested, StudyDate=day)])
    subscribers.poll()
    one_of_each(requested)


def _poll_in_a_process_of_its_own() -> None:
    connections.close_all()
    subscribers.poll()
    os._exit(0)


@pytest.mark.django_db(transaction=True)
def test_a_poller_that_is_killed_anywhere_loses_and_doubles_nothing(live_world: World, archive: Server) -> None:
    """SIGKILL after a while that differs each time; the next one goes on where it stopped."""
    exams = [live_world.requested() for _ in range(12)]
    archive.archive().store([image_of(one) for one in exams])
    connections.close_all()
    chance, killed = random.Random(7), 0  # noqa: S311
    for _ in range(8):
        process = multiprocessing.get_context("fork").Process(target=_poll_in_a_process_of_its_own)
        process.start()
        time.sleep(chance.uniform(0.05, 0.4))
        if process.is_alive():
            os.kill(process.pid or 0, signal.SIGKILL)
            killed += 1
        process.join()
    assert killed, "none was killed: the waits are too long"
    subscribers.poll()
    for one in exams:
        one_of_each(one)
    assert Study.objects.filter(received_series__isnull=True).count() == 0


def _silent(handler: BaseHTTPRequestHandler) -> None:
    time.sleep(1.2)
    answer(200, [])(handler)


def test_a_slow_archive_costs_one_wait_and_no_study(
    world: World,
    peer: Callable[[Script], Peer],
    monkeypatch: pytest.MonkeyPatch,
    settings: Settings,
) -> None:
    settings.ARCHIVE_KIND = "dicomweb"
    requested = world.requested()
    performed(world, requested)
    slow = peer(_silent)
    asked = DicomwebArchive(Access(slow.url, timeout=(0.5, 0.5)))
    impatient(monkeypatch, asked)
    subscribers.poll()
    assert len(slow.asked) == 1, "it is left alone until the next turn"
    assert not Study.objects.exists()
