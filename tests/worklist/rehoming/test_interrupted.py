"""Whatever dies, and whenever: no object is lost, none stands there twice, and the job ends where it should."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from ris.dicom.archive import objects as archive_objects
from ris.dicom.archive.objects import OrthancObjects, get_objects
from ris.events.errors import DeliveryError
from ris.events.models import Event
from tests.ris.dicom.objects import ct, new_uid
from tests.services.orthanc import Server
from tests.world import World
from worklist.models import Study
from worklist.rehoming import carrying
from worklist.rehoming.actions import rehome
from worklist.rehoming.carrying import MATCHER, carry
from worklist.rehoming.folder import folder_of
from worklist.rehoming.identity import Identity
from worklist.rehoming.rows import Rehoming

from .studies import carried, everything, send

pytestmark = [pytest.mark.db]
ACTS = frozenset({"studies", "held", "download", "upload", "delete", "reconstruct"})


class Killed(BaseException):
    """What the process did not live to see."""


class Mortal:
    """Speaks to the real Orthanc, and dies at the n-th call: before it is sent, or before its answer is seen."""

    def __init__(self, real: OrthancObjects, at: int, *, after: bool) -> None:
        self._real, self._left, self._after = real, at, after

    def __getattr__(self, name: str) -> Any:
        act = getattr(self._real, name)
        if name not in ACTS:
            return act

        def mortal(*args: Any) -> Any:
            self._left -= 1
            if self._left == 0 and not self._after:
                raise Killed
            answer = act(*args)
            if self._left == 0:
                raise Killed
            return answer

        return mortal


def asked(server: Server, wanted: Identity, **person: Any) -> tuple[Rehoming, dict[str, bytes]]:
    uid = new_uid()
    send(server, ct(StudyInstanceUID=uid, **person), ct(StudyInstanceUID=uid, **person))
    study = Study.objects.create(study_instance_uid=uid)
    return rehome(study, wanted, kind="link", reason="Test", by=MATCHER), everything(server, uid)


@pytest.mark.parametrize("wanted", [Identity("NEW", name="New^Name"), Identity("T-1", accession="RIGHT")])
@pytest.mark.parametrize("after", [False, True])
def test_a_worker_that_dies_at_any_call_loses_nothing(
    after: bool, wanted: Identity, world: World, orthanc: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    row, before = asked(orthanc, wanted)
    event = Event.objects.get(kind="study.rehoming", payload__rehoming=row.pk)
    uids = {key.split()[1] for key in before}
    deaths = 0
    for at in range(1, 60):
        monkeypatch.setattr(carrying, "get_objects", lambda at=at: Mortal(get_objects(), at, after=after))
        Rehoming.objects.filter(pk=row.pk).update(working_until=timezone.now())  # the dead one's lease ran out
        try:
            carry(event)
        except Killed:
            deaths += 1
            present = {key.split()[1] for key in everything(orthanc, row.study.study_instance_uid)}
            kept = len(list(folder_of(row.pk).glob("*.old")))
            assert len(uids - present) <= kept, "what is not at the archive is kept here"
            continue
        break
    row.refresh_from_db()
    found = everything(orthanc, row.study.study_instance_uid)
    assert (row.state, {key.split()[1] for key in found}) == ("done", uids)
    assert {key.split()[0] for key in found} == {wanted.patient_id}
    assert deaths >= 5


def test_an_archive_that_dies_in_the_middle_is_gone_on_with(
    world: World, fresh_orthanc: Callable[..., Server], settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = fresh_orthanc()
    settings.ARCHIVE_KIND, settings.ORTHANC_URL, settings.ORTHANC_TOKEN = "orthanc", server.url, ""
    settings.ORTHANC_USERNAME, settings.ORTHANC_PASSWORD = server.credentials
    row, before = asked(server, Identity("NEW"))
    event = Event.objects.get(kind="study.rehoming", payload__rehoming=row.pk)
    real = OrthancObjects.upload

    def upload_and_die(self: OrthancObjects, source: Path) -> str:
        answer = real(self, source)
        server.process.stop(grace=0)
        return answer

    monkeypatch.setattr(archive_objects.OrthancObjects, "upload", upload_and_die)
    with pytest.raises(DeliveryError):
        carry(event)
    row.refresh_from_db()
    assert (row.state, row.moved) == ("moving", 0)
    assert "archive" in row.problem, "somebody who looks reads why it does not go on"
    monkeypatch.setattr(archive_objects.OrthancObjects, "upload", real)
    server.process.start()
    carry(event)
    row.refresh_from_db()
    found = everything(server, row.study.study_instance_uid)
    assert (row.state, row.problem, len(found)) == ("done", "", len(before))
    assert {key.split()[0] for key in found} == {"NEW"}


def test_another_object_under_the_same_uid_stops_the_move_in_words(world: World, orthanc: Server) -> None:
    """At the right patient stands something else already: nothing is overwritten, nothing is deleted."""
    row, before = asked(orthanc, Identity("NEW"))
    sop = next(iter(before)).split()[1]
    uid = row.study.study_instance_uid
    series = get_objects().held(get_objects().studies(uid)[0].archive_id)
    place = next(one.series_uid for one in series if one.sop_uid == sop)
    send(orthanc, ct(StudyInstanceUID=uid, SeriesInstanceUID=place, SOPInstanceUID=sop, PatientID="NEW", Rows=4))
    there = everything(orthanc, uid)
    row = carried(row)
    assert (row.state, "under an object's UID" in row.problem) == ("failed", True)
    assert {key: there[key] for key in there} == {key: everything(orthanc, uid)[key] for key in there}


def test_a_failed_move_is_shown_and_tried_again(world: World, orthanc: Server, client: Client) -> None:
    row, _before = asked(orthanc, Identity("NEW"))
    Rehoming.objects.filter(pk=row.pk).update(state="failed", problem="The archive was full.", site=world.north)
    client.force_login(world.technologist)
    page = client.get(reverse("worklist:rehomings")).content.decode()
    assert "The archive was full." in page
    assert client.post(reverse("worklist:rehoming-retry", args=[row.pk])).status_code == 302
    assert carried(row).state == "done"
