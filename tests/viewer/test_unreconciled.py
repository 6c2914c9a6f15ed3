"""Nothing of the reconciliation queue is opened under a patient's name: not on a page, not through the proxy."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.test import Client

from ris.accounts.models import User
from ris.core.actors import SystemActor
from ris.dicom.archive import get_archive
from ris.orders.models import RequestedProcedure
from tests.viewer.hospital import ROOT, Browser, Hospital, exam
from worklist.actions import decisions
from worklist.actions.studies import note_study
from worklist.models import ReadingTask, Study

WHY = "Asked at the device"


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def unlinked(hospital: Hospital) -> Iterator[Study]:
    """Study A, unlinked by a technologist; linked again afterwards."""
    study = Study.objects.get(study_instance_uid=hospital.a.study)
    decision = decisions.unlink(study, reason="The phantom's", by=hospital.world.technologist)
    yield study
    decisions.undo(decision, reason="No", by=hospital.world.technologist)


@pytest.fixture
def moving(hospital: Hospital, unlinked: Study) -> Iterator[Study]:
    """Study A, linked to another person's exam: it waits for the archive to say so."""
    other = exam(hospital.world, hospital.world.north, hospital.world.clerk, "Gamma")
    requested = RequestedProcedure.objects.get(study_instance_uid=other.study)
    decision = decisions.link(unlinked, requested, reason=WHY, by=hospital.world.technologist)
    yield unlinked
    decisions.undo(decision, reason="No", by=hospital.world.technologist)


def test_an_unlinked_study_is_in_no_case_and_under_no_banner(hospital: Hospital, unlinked: Study) -> None:
    task = ReadingTask.objects.get(patient__family_name="Alpha")
    room = browser(hospital.world.radiologist).get(f"/reading/{task.pk}/").content.decode()
    assert hospital.a.study not in room
    alone = browser(hospital.world.radiologist).get(f"/viewer/?StudyInstanceUIDs={hospital.a.study}")
    assert alone.status_code == 200
    assert alone.context["patient"] is None
    assert "Not matched to a patient" in alone.content.decode()
    assert "Alpha, Sam" not in alone.content.decode()


def test_an_unlinked_study_is_never_opened_beside_a_linked_one(hospital: Hospital, unlinked: Study) -> None:
    other = exam(hospital.world, hospital.world.north, hospital.world.clerk, "Delta")
    page = browser(hospital.world.radiologist).get(f"/viewer/?StudyInstanceUIDs={hospital.a.study},{other.study}")
    assert page.status_code == 409
    assert "opened alone" in page.content.decode()


def test_the_proxy_gives_an_unlinked_study_to_those_who_reconcile_only(hospital: Hospital, unlinked: Study) -> None:
    assert hospital.ask(f"{hospital.a.path}/metadata", hospital.sign_in("radiologist")).status == 200
    for name in ("resident", "clerk", "referrer", "outsider"):
        assert hospital.ask(f"{hospital.a.path}/metadata", hospital.sign_in(name)).status == 404


def test_the_proxy_lists_an_unlinked_study_under_no_patient(hospital: Hospital, unlinked: Study, rita: Browser) -> None:
    answer = hospital.ask(f"{ROOT}/studies?PatientID={hospital.a.place.patient_id}&limit=50", rita)
    assert hospital.a.study not in answer.body.decode()


def test_nothing_is_stored_into_an_unlinked_study(hospital: Hospital, unlinked: Study, rita: Browser) -> None:
    from tests.viewer import objects

    part = objects.image(hospital.a.place, f"{hospital.a.series}9", f"{hospital.a.series}91", 1, 16)
    answer = hospital.store(rita, part)
    assert answer.status in {403, 404, 409}
    assert f"{hospital.a.series}91" not in str(get_archive().metadata(hospital.a.study))


def test_a_study_that_waits_for_its_correction_is_open_to_nobody(hospital: Hospital, moving: Study) -> None:
    assert moving.links.filter(active=True).count() == 1
    for name in ("technologist", "resident", "radiologist", "clerk", "admin"):
        who = hospital.sign_in(name)
        for path in (f"{hospital.a.path}/metadata", f"{hospital.a.first}/frames/1", f"{hospital.a.path}/series"):
            assert hospital.ask(path, who).status in {403, 404}
        page = browser(User.objects.get(username=name)).get(f"/viewer/?StudyInstanceUIDs={hospital.a.study}")
        assert page.status_code in {403, 404}
    row = get_archive().study(hospital.a.study)
    assert row is not None
    assert note_study(row, by=SystemActor("matcher")).state == "correcting", "the archive still calls it Alpha's"
