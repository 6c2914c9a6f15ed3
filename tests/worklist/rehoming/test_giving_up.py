"""A move that cannot succeed is given up: the archive holds again what it held, and a person decides anew."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from ris.core.errors import InvalidInput, NotPermitted, TransitionError
from ris.dicom.archive.objects import OrthancObjects, get_objects
from tests.ris.dicom.objects import ct, new_uid
from tests.services.orthanc import Server
from tests.world import World
from worklist.actions import decisions
from worklist.models import Study
from worklist.rehoming.carrying import MATCHER
from worklist.rehoming.folder import folder_of
from worklist.rehoming.giving_up import give_up_rehoming
from worklist.rehoming.rows import Rehoming
from worklist.rehoming.sweeping import sweep

from .studies import carried, everything, noted_from, of_exam, send

pytestmark = [pytest.mark.django_db, pytest.mark.db, pytest.mark.usefixtures("own_uids")]


@pytest.fixture
def half_moved(world: World, orthanc: Server, monkeypatch: pytest.MonkeyPatch) -> tuple[Rehoming, dict[str, bytes]]:
    """Linked to an exam of another patient number; while the first object goes, a device puts something else at the
    place of the second.
    """
    requested = world.requested()
    uid, series = requested.study_instance_uid, new_uid()
    wrong = of_exam(requested, PatientID="LOST-1", IssuerOfPatientID="", AccessionNumber="")
    objects = [ct(**wrong, SeriesInstanceUID=series) for _ in range(2)]
    send(orthanc, *objects)
    before = everything(orthanc, uid)
    decisions.link(noted_from(orthanc, uid), requested, reason="Same exam", by=world.technologist)
    first, second = get_objects().held(get_objects().studies(uid)[0].archive_id)
    real = OrthancObjects.upload

    def upload(self: OrthancObjects, source: Path) -> str:
        monkeypatch.setattr(OrthancObjects, "upload", real)
        send(orthanc, ct(**of_exam(requested), SeriesInstanceUID=series, SOPInstanceUID=second.sop_uid, Rows=4))
        return real(self, source)

    monkeypatch.setattr(OrthancObjects, "upload", upload)
    row = carried(Rehoming.objects.get())
    states = dict(row.objects_moved.values_list("sop_uid", "state"))
    assert (row.state, states) == ("failed", {first.sop_uid: "stored", second.sop_uid: "listed"})
    return row, before


def test_what_was_moved_goes_back_and_the_study_waits_for_a_person(
    world: World, orthanc: Server, half_moved: tuple[Rehoming, dict[str, bytes]]
) -> None:
    row, before = half_moved
    uid = row.study.study_instance_uid
    assert everything(orthanc, uid) != before
    give_up_rehoming(row, why="Another object stands there", by=world.technologist)
    carried(row.undone_by.get())
    there = everything(orthanc, uid)
    assert {key: there.get(key) for key in before} == before, "every object of before stands where it stood"
    study = Study.objects.get(pk=row.study_id)
    assert (study.state, study.links.filter(active=True).count()) == ("unmatched", 0)
    assert "Another object stands there" in study.findings[0]


def test_it_is_given_up_with_a_reason_by_those_who_may_and_after_it_failed(world: World, orthanc: Server) -> None:
    study = Study.objects.create(study_instance_uid=new_uid(), site=world.north)
    row = Rehoming.objects.create(study=study, site=world.north, kind="merge", asked_by="x", asked_at=timezone.now())
    with pytest.raises(TransitionError):
        give_up_rehoming(row, why="No", by=world.technologist)
    Rehoming.objects.update(state="failed")
    with pytest.raises(InvalidInput):
        give_up_rehoming(row, why=" ", by=world.technologist)
    with pytest.raises(NotPermitted):
        give_up_rehoming(row, why="No", by=world.clerk)
    assert give_up_rehoming(row, why="No", by=world.technologist).state == "dropped"
    assert not row.undone_by.exists(), "nothing was moved, nothing goes back"


def test_an_object_that_is_only_here_is_not_given_up(world: World) -> None:
    study = Study.objects.create(study_instance_uid=new_uid(), site=world.north)
    row = Rehoming.objects.create(
        study=study, site=world.north, kind="late", state="failed", asked_by="x", asked_at=timezone.now()
    )
    row.objects_moved.create(series_uid="1.2", sop_uid="1.2.3", old_id="a", state="kept")
    client = Client()
    client.force_login(world.technologist)
    answer = client.post(reverse("worklist:rehoming-give-up", args=[row.pk]), {"why": "Disk"}, follow=True)
    assert "kept here until the archive takes it" in answer.content.decode()
    row.refresh_from_db()
    assert row.state == "failed"


def test_files_of_moves_that_are_over_go_and_those_of_others_stay(world: World) -> None:
    study = Study.objects.create(study_instance_uid=new_uid(), site=world.north)
    rows = {
        state: Rehoming.objects.create(study=study, kind="late", state=state, asked_by="x", asked_at=timezone.now())
        for state in ("waiting", "moving", "failed", "done", "dropped")
    }
    for row in rows.values():
        (folder_of(row.pk) / "1.old").write_bytes(b"image")
    sweep()
    assert {state for state, row in rows.items() if list(folder_of(row.pk).iterdir())} == {
        "waiting",
        "moving",
        "failed",
    }


def test_what_was_asked_behind_it_goes_on(half_moved: tuple[Rehoming, dict[str, bytes]]) -> None:
    row, _before = half_moved
    behind = Rehoming.objects.create(
        study=row.study, site=row.site, kind="merge", wanted=row.was, asked_by="x", asked_at=timezone.now()
    )
    give_up_rehoming(row, why="Cannot be", by=MATCHER)
    assert carried(behind).state in {"done", "failed"}
