"""What the archive did not take: it enters nothing that was closed meanwhile, and is lost by no failure of ours."""

from __future__ import annotations

import os
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor
from concurrent.futures import wait as wait_for
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from ris.audit.models import AuditEvent
from ris.dicom import sandbox
from ris.dicom.archive import Archive, ArchiveError, get_archive
from ris.dicom.archive.verified import describe, store_verified
from ris.dicom.sandbox import SandboxRefused, pool
from ris.events.models import Delivery, Event
from ris.events.outbox import sweep
from tests.reporting.sr.builders import length, ohif_dataset, part10
from tests.viewer import objects
from tests.viewer.hospital import Answer, Browser, Exam, Hospital
from tests.viewer.hospital import exam as an_exam
from viewer import actions, kept, kept_again, stow
from viewer.beside.listing import Beside, listing
from viewer.doorway import Visitor
from worklist.actions.decisions import unlink
from worklist.models import ReadingTask, Study

NOBODY = "http://127.0.0.1:1"
LETTERS = iter("bcdefghijklmnopqrstuvwxyz")


def new_uid() -> str:
    return f"2.25.{uuid.uuid4().int >> 64}"


@pytest.fixture
def one(hospital: Hospital) -> Exam:
    """An exam of its own, for what is done to its study."""
    return an_exam(hospital.world, hospital.world.north, hospital.world.clerk, f"Kept{next(LETTERS)}")


def measured(one: Exam) -> tuple[bytes, str]:
    """A length on the exam's first image, as OHIF sends it, and its UID."""
    found = ohif_dataset(length(33.6, [10, 20, 16, 25]))
    found.StudyInstanceUID, found.PatientID = one.study, one.place.patient_id
    found.SeriesInstanceUID, found.SOPInstanceUID = new_uid(), new_uid()
    (evidence,) = found.CurrentRequestedProcedureEvidenceSequence
    evidence.StudyInstanceUID = one.study
    evidence.ReferencedSeriesSequence[0].SeriesInstanceUID = one.series
    evidence.ReferencedSeriesSequence[0].ReferencedSOPSequence[0].ReferencedSOPInstanceUID = one.instances[0]
    return part10(found), str(found.SOPInstanceUID)


@pytest.fixture
def away(settings: Settings) -> Iterator[Callable[[], None]]:
    """The archive cannot be reached until the test calls this."""
    before, settings.ORTHANC_URL = settings.ORTHANC_URL, NOBODY

    def back() -> None:
        settings.ORTHANC_URL = before
        Delivery.objects.filter(subscriber="viewer.store-kept", state="pending").update(next_at=timezone.now())

    yield back
    settings.ORTHANC_URL = before


def delivery_of(sop: str) -> Delivery:
    return Delivery.objects.select_related("event").get(subscriber="viewer.store-kept", event__payload__sop_uids__0=sop)


def waits(one: Exam, sop: str) -> Beside:
    task = ReadingTask.objects.get(requested_procedures__study_instance_uid=one.study)
    (found,) = [row for row in listing(task).rows if row.sop == sop]
    return found


# Closed meanwhile


@pytest.mark.parametrize("how", ["unlinked", "blocked", "link lost"])
def test_what_was_kept_enters_no_study_that_was_closed_or_unlinked_meanwhile(
    hospital: Hospital, rita: Browser, one: Exam, away: Callable[[], None], how: str
) -> None:
    body, sop = measured(one)
    assert hospital.store(rita, body).status == 503
    study = Study.objects.get(study_instance_uid=one.study)
    if how == "unlinked":
        unlink(study, reason="Another exam's images", by=hospital.world.technologist)
    elif how == "blocked":
        Study.objects.filter(pk=study.pk).update(state="blocked")
    else:
        study.links.update(active=False)
    away()
    sweep()
    assert get_archive().locate(sop) is None
    waiting = delivery_of(sop)
    assert (waiting.state, waiting.last_error) == ("parked", "The study was closed or unlinked meanwhile.")
    assert kept.read(str(waiting.event.payload["sha256"])), "the measurement is not thrown away"


def test_what_was_kept_waits_while_the_study_gets_its_patient_at_the_archive(
    hospital: Hospital, rita: Browser, one: Exam, away: Callable[[], None]
) -> None:
    body, sop = measured(one)
    assert hospital.store(rita, body).status == 503
    rows = Study.objects.filter(study_instance_uid=one.study)
    rows.update(state="correcting")
    away()
    sweep()
    assert (delivery_of(sop).state, get_archive().locate(sop)) == ("pending", None)
    rows.update(state="matched")
    away()
    sweep()
    assert get_archive().locate(sop) is not None


# Our own reading fails


def refusing(code: str, *, after: int) -> Callable[[Archive, bytes], object]:
    """`store_verified` whose reader refuses with this code from its n-th reading on."""
    readings = iter(range(100))

    def read(body: bytes) -> object:
        if next(readings) >= after:
            raise SandboxRefused("It could not be read.", code=code)
        return describe(body)

    return lambda archive, body: store_verified(archive, body, hash_fn=read)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("code", "after"), [("busy", 0), ("deadline", 0), ("crashed", 0), ("busy", 1), ("refused", 1), ("failed", 1)]
)
def test_a_reader_that_is_busy_or_fails_after_the_store_loses_and_doubles_nothing(
    hospital: Hospital, rita: Browser, one: Exam, monkeypatch: pytest.MonkeyPatch, code: str, after: int
) -> None:
    body, sop = measured(one)
    with monkeypatch.context() as patched:
        patched.setattr("viewer.stow.store_verified", refusing(code, after=after))
        answer = hospital.store(rita, body)
    assert (answer.status, answer.json()["kept"]) == (503, True)
    assert (get_archive().locate(sop) is not None) is bool(after)
    sweep()
    assert get_archive().locate(sop) is not None
    assert Event.objects.filter(kind="object.stored", payload__sop_uids__0=sop).count() == 1
    assert delivery_of(sop).state == "done"


def test_what_can_never_be_read_is_refused_and_not_kept(
    hospital: Hospital, rita: Browser, one: Exam, monkeypatch: pytest.MonkeyPatch
) -> None:
    body, sop = measured(one)
    monkeypatch.setattr("viewer.stow.store_verified", refusing("refused", after=0))
    assert hospital.store(rita, body).status == 409
    assert get_archive().locate(sop) is None
    assert not Event.objects.filter(kind="object.kept", payload__sop_uids__0=sop).exists()


def test_readers_that_are_all_busy_raise_no_security_alert(
    hospital: Hospital, rita: Browser, one: Exam, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(*_: object, **_limits: object) -> object:
        raise SandboxRefused("All readers are busy.", code="busy")

    alerts = AuditEvent.objects.filter(event_code="110113").exclude(detail__has_key="repeated")
    before = alerts.count()
    monkeypatch.setattr("viewer.storing.sandbox.call", busy)
    assert hospital.store(rita, measured(one)[0]).status == 503
    assert alerts.count() == before


def test_a_segmentation_of_six_hundred_slices_and_three_segments_enters(
    hospital: Hospital, rita: Browser, one: Exam, monkeypatch: pytest.MonkeyPatch
) -> None:
    sop = new_uid()
    # how long it takes is not asked here: a machine with other work needs several times as long
    monkeypatch.setitem(pool.call.__kwdefaults__, "deadline", 90.0)  # type: ignore[arg-type]
    answer = hospital.store(rita, objects.segmentation(one.place, new_uid(), sop, 600, 3))
    assert (answer.status, get_archive().locate(sop) is not None) == (200, True), answer.body


def test_what_was_found_good_is_kept_while_our_readers_are_busy_and_still_says_who_measured(
    hospital: Hospital, rita: Browser, one: Exam, monkeypatch: pytest.MonkeyPatch
) -> None:
    body, sop = measured(one)
    really = sandbox.call

    def busy(work: str, *about: Any, **limits: Any) -> Any:
        if work == "viewer.dressing.dress":
            raise SandboxRefused("All readers are busy.", code="busy")
        return really(work, *about, **limits)

    with monkeypatch.context() as patched:
        patched.setattr("viewer.storing.sandbox.call", busy)
        answer = hospital.store(rita, body)
    assert (answer.status, answer.json()["kept"]) == (503, True)
    sweep()
    where = get_archive().locate(sop)
    assert where is not None
    assert hospital.world.radiologist.observer_name.encode() in get_archive().retrieve(where)


# Sent once more


def answering(monkeypatch: pytest.MonkeyPatch, error: ArchiveError) -> None:
    def store(_archive: Archive, _part10: bytes) -> None:
        raise error

    monkeypatch.setattr("viewer.stow.store_verified", store)


def test_what_waits_is_not_thrown_away_when_the_same_is_sent_again_and_refused(
    hospital: Hospital, rita: Browser, one: Exam, monkeypatch: pytest.MonkeyPatch
) -> None:
    body, sop = measured(one)
    with monkeypatch.context() as patched:
        answering(patched, ArchiveError("not now", permanent=False))
        assert hospital.store(rita, body).status == 503
        answering(patched, ArchiveError("not this one", permanent=True))
        assert hospital.store(rita, body).status == 409
    assert waits(one, sop).words == "Kept here, not yet in the archive"
    sweep()
    assert (delivery_of(sop).state, get_archive().locate(sop) is not None) == ("done", True)


def test_what_waits_and_was_stored_by_sending_it_again_is_stored_once(
    hospital: Hospital, rita: Browser, one: Exam, monkeypatch: pytest.MonkeyPatch
) -> None:
    body, sop = measured(one)
    with monkeypatch.context() as patched:
        answering(patched, ArchiveError("not now", permanent=False))
        assert hospital.store(rita, body).status == 503
    assert hospital.store(rita, body).status == 200
    sweep()
    assert delivery_of(sop).state == "done"
    assert Event.objects.filter(kind="object.stored", payload__sop_uids__0=sop).count() == 1


def test_a_kept_body_that_is_gone_unstored_is_told_and_not_passed_over(
    hospital: Hospital, rita: Browser, one: Exam, away: Callable[[], None]
) -> None:
    body, sop = measured(one)
    assert hospital.store(rita, body).status == 503
    kept.drop(str(delivery_of(sop).event.payload["sha256"]))
    away()
    sweep()
    found = waits(one, sop)
    assert (delivery_of(sop).state, found.state) == ("parked", "failed")
    assert "not in the archive either" in found.words


# Many at once


def test_one_person_storing_a_lot_at_once_is_told_to_wait_and_holds_up_nobody(
    hospital: Hospital, rita: Browser, one: Exam, monkeypatch: pytest.MonkeyPatch
) -> None:
    really, may_go = stow.store, threading.Event()
    inside, most, turned_away = list[Visitor](), list[int](), list[Answer]()

    def store(request: HttpRequest, who: Visitor, study: str) -> HttpResponse:
        if who.user != hospital.world.radiologist:
            return really(request, who, study)
        inside.append(who)
        most.append(len(inside))
        assert may_go.wait(60)
        inside.pop()
        return HttpResponse(status=200)

    monkeypatch.setattr("viewer.proxy.stow.store", store)
    about = AuditEvent.objects.filter(detail__reason="more requests at once than one person may send")
    body, sop = measured(one)
    with ThreadPoolExecutor(20) as threads:
        waiting = {threads.submit(hospital.store, rita, body) for _ in range(20)}
        while len(turned_away) < 12:
            over, waiting = wait_for(waiting, timeout=60, return_when=FIRST_COMPLETED)
            assert over, "nobody is turned away"
            turned_away += [future.result() for future in over]
        colleague = hospital.store(hospital.sign_in("resident"), body)
        may_go.set()
        served = [future.result().status for future in waiting]
    assert {(answer.status, answer.headers["retry-after"]) for answer in turned_away} == {(429, "5")}
    assert (colleague.status, get_archive().locate(sop) is not None) == (200, True)
    assert (served, max(most)) == ([200] * 8, 1)
    actions.settle_denials()
    assert sum(row.detail.get("repeated", 1) for row in about) == 12


# Nobody's files


def forgotten(body: bytes, *, minutes: float) -> str:
    """A body that was kept this long ago by a process that ended before it told anybody."""
    name = kept.keep(body)
    then = time.time() - 60 * minutes
    os.utime(kept.folder() / name, (then, then))
    return name


def test_a_body_whose_keeper_crashed_is_stored_when_it_is_found(hospital: Hospital, one: Exam) -> None:
    body, sop = measured(one)
    name = forgotten(body, minutes=20)
    assert kept_again.take_up() == 1
    assert kept_again.take_up() == 0, "it waits for its delivery now"
    assert delivery_of(sop).event.payload["sha256"] == name
    sweep()
    assert get_archive().locate(sop) is not None
    with pytest.raises(KeyError):
        kept.read(name)


def test_a_body_that_is_being_stored_now_or_waits_already_is_left_alone(
    hospital: Hospital, rita: Browser, one: Exam, away: Callable[[], None]
) -> None:
    kept.drop(*kept.names())
    forgotten(measured(one)[0], minutes=1)
    body, sop = measured(one)
    assert hospital.store(rita, body).status == 503
    name = str(delivery_of(sop).event.payload["sha256"])
    forgotten(kept.read(name), minutes=20)
    assert kept_again.take_up() == 0


def test_what_nobody_can_read_stays_and_hinders_nothing(hospital: Hospital, one: Exam) -> None:
    kept.drop(*kept.names())
    broken = forgotten(b"not DICOM", minutes=20)
    body, sop = measured(one)
    forgotten(body, minutes=20)
    assert kept_again.take_up() == 1
    assert delivery_of(sop).state == "pending"
    assert kept.read(broken) == b"not DICOM"
    kept.drop(broken)


# Listed


def test_what_waits_is_listed_with_kind_author_and_a_picture(
    hospital: Hospital, rita: Browser, one: Exam, away: Callable[[], None]
) -> None:
    body, sop = measured(one)
    assert hospital.store(rita, body).status == 503
    away()
    found = waits(one, sop)
    assert (found.kind, found.words) == ("Measurements", "Kept here, not yet in the archive")
    assert found.author == hospital.world.radiologist.observer_name
    assert found.picture is not None
    assert one.instances[0] in found.picture.url
    client = Client()
    client.force_login(hospital.world.radiologist)
    task = ReadingTask.objects.get(requested_procedures__study_instance_uid=one.study)
    assert found.picture.url in client.get(f"/reading/{task.pk}/objects/").content.decode()
