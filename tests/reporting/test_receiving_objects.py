"""What comes through the viewer, when an object, the archive or the sandbox is not as hoped."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from unittest.mock import ANY

import pytest

from reporting.actions import objects
from reporting.models import Measurement, StoredObject
from ris.accounts.models import User
from ris.core.logs import Nameless
from ris.dicom.archive.errors import ArchiveError
from ris.dicom.datasets import InstanceRef
from ris.dicom.sandbox.errors import SandboxRefused
from ris.events import emit, outbox
from ris.events.models import Delivery
from ris.settings import LOGGING
from tests.exam import case
from tests.world import World
from worklist.lifecycle import STUDY
from worklist.models import ReadingTask, Study

pytestmark = pytest.mark.django_db

GROUP = {
    "tool": "Length",
    "values": [
        {"scheme": "SCT", "code": "410668003", "name": "Length", "value": 52.4, "unit": "mm", "recomputed": 52.4}
    ],
}


class Shelf:
    """An archive of a few objects: SOP UID to its study; those in `away` cannot be fetched at the moment."""

    def __init__(self, **studies: str) -> None:
        self.studies = {uid.replace("_", "."): study for uid, study in studies.items()}
        self.away: set[str] = set()

    def locate(self, sop_uid: str) -> InstanceRef | None:
        return InstanceRef(self.studies[sop_uid], "1.2", sop_uid) if sop_uid in self.studies else None

    def retrieve(self, ref: InstanceRef) -> bytes:
        if ref.sop_instance_uid in self.away:
            raise ArchiveError("The archive does not answer.", permanent=False)
        return ref.sop_instance_uid.encode()

    def instance_metadata(self, _ref: InstanceRef) -> dict[str, Any]:
        return {"00080016": {"vr": "UI", "Value": ["1.2.840.10008.5.1.4.1.1.88.22"]}}

    def metadata(self, _study_uid: str) -> list[dict[str, Any]]:
        return []


Reader = Callable[..., dict[str, Any]]


@pytest.fixture
def task(world: World) -> ReadingTask:
    return case(world)


@pytest.fixture
def shelf(task: ReadingTask, monkeypatch: pytest.MonkeyPatch) -> Shelf:
    """The archive holds 1.1 and 1.2 in the study of the case."""
    uid = Study.objects.get().study_instance_uid
    found = Shelf(**{"1_1": uid, "1_2": uid})
    monkeypatch.setattr(objects, "get_archive", lambda: found)
    return found


def reads_as(monkeypatch: pytest.MonkeyPatch, answer: Reader) -> None:
    monkeypatch.setattr("ris.dicom.sandbox.call", answer)


def reading(_function: str, part10: bytes, *_: object) -> dict[str, Any]:
    return {"sop_class": "1.2.840.10008.5.1.4.1.1.88.22", "groups": [GROUP], "study_instance_uid": part10.decode()}


def refusing(code: str) -> Reader:
    def answer(*_: object) -> dict[str, Any]:
        raise SandboxRefused("Not now, or never.", code=code)

    return answer


def told(user: User, *sop_uids: str) -> Delivery:
    study = Study.objects.get()
    emit("object.stored", study, by=user, study_uid=study.study_instance_uid, sop_uids=list(sop_uids))
    return Delivery.objects.filter(subscriber="reporting.read_objects").latest("pk")


def run(delivery: Delivery) -> Delivery:
    Delivery.objects.filter(pk=delivery.pk).update(next_at=delivery.event.at)
    outbox.attempt(delivery.pk)
    return Delivery.objects.get(pk=delivery.pk)


def test_one_object_that_the_archive_lacks_does_not_hold_up_the_next(
    world: World, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads_as(monkeypatch, reading)
    delivery = run(told(world.radiologist, "9.9", "1.2"))
    assert delivery.state == "parked"
    assert StoredObject.objects.get().sop_instance_uid == "1.2"


def test_a_refused_object_beside_one_that_is_away_does_not_block_the_second_try(
    world: World, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf.away = {"1.2"}
    reads_as(monkeypatch, refusing("refused"))
    delivery = told(world.radiologist, "1.1", "1.2")
    assert run(delivery).state == "pending"
    shelf.away = set()
    assert run(delivery).state == "done"
    assert list(StoredObject.objects.values_list("state", flat=True)) == ["refused", "refused"]


def test_a_busy_sandbox_is_asked_again_and_the_object_is_not_called_unreadable(
    world: World, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads_as(monkeypatch, refusing("busy"))
    delivery = told(world.radiologist, "1.1")
    assert run(delivery).state == "pending"
    assert StoredObject.objects.count() == 0
    reads_as(monkeypatch, reading)
    assert run(delivery).state == "done"
    assert Measurement.objects.get().value == 52.4


def test_numbers_once_read_survive_a_reader_that_is_too_slow_the_second_time(
    world: World, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads_as(monkeypatch, reading)
    run(told(world.radiologist, "1.1"))
    reads_as(monkeypatch, refusing("deadline"))
    assert run(told(world.radiologist, "1.1")).state == "done"
    assert StoredObject.objects.get().state == "read"
    assert Measurement.objects.get().value == 52.4


def test_an_object_that_the_archive_keeps_in_another_study_is_not_taken(
    world: World, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf.studies["1.1"] = "2.25.4711"
    reads_as(monkeypatch, reading)
    delivery = run(told(world.radiologist, "1.1"))
    assert delivery.state == "parked"
    assert "another study" in delivery.last_error
    assert StoredObject.objects.count() == 0


def test_an_object_of_a_closed_study_is_parked_for_a_person_and_not_asked_for_ever(
    world: World, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads_as(monkeypatch, reading)
    delivery = told(world.radiologist, "1.1")
    STUDY.advance(Study.objects.get(), "block")
    delivery = run(delivery)
    assert delivery.state == "parked"
    assert delivery.last_error == "No case has this study open to reading."
    assert StoredObject.objects.count() == 0


def test_what_an_unforeseen_error_says_reaches_neither_the_log_nor_the_page(
    world: World, shelf: Shelf, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    words = "MØLLER^ÅSE is not a number"

    def broken(*_: object) -> dict[str, Any]:
        raise ValueError(words)

    reads_as(monkeypatch, broken)
    caplog.handler.setFormatter(Nameless("%(message)s"))
    delivery = run(told(world.radiologist, "1.1"))
    assert delivery.state == "pending"
    assert "MØLLER" not in delivery.last_error
    assert "MØLLER" not in caplog.text
    assert "ValueError" in caplog.text
    assert "in broken" in caplog.text


def test_the_installation_writes_its_log_that_way() -> None:
    assert LOGGING["formatters"] == {"line": ANY}  # type: ignore[index]
    assert LOGGING["formatters"]["line"]["()"] == f"{Nameless.__module__}.{Nameless.__name__}"  # type: ignore[index]
    assert [handler["formatter"] for handler in LOGGING["handlers"].values()] == ["line"]  # type: ignore[attr-defined]
