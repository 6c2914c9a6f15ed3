"""A study that is linked already, when the archive or the RIS changes its mind about whose it is."""

from __future__ import annotations

import pytest

from ris.audit.models import AuditEvent
from ris.patients.actions import PatientData, update_patient
from tests.exam import MATCHER, case, noted, study_row
from tests.world import World
from worklist.actions.studies import note_study
from worklist.models import ReadingTask, Study, StudyLink

pytestmark = pytest.mark.django_db


def test_a_study_that_the_archive_gives_to_another_patient_leaves_the_first_one(world: World) -> None:
    mine = case(world)
    wrong = mine.requested_procedures.get()
    right = world.requested(world.order(world.patient("Olsen", "Tor")))
    study = noted(right, study_instance_uid=wrong.study_instance_uid)
    assert [link.requested_procedure for link in study.links.filter(active=True)] == [right]
    assert list(mine.studies()) == []
    assert ReadingTask.objects.get(pk=mine.pk).image_count == 0
    gone = AuditEvent.objects.get(action="study.unlinked")
    assert gone.study_uid == study.study_instance_uid
    assert gone.patient_id == wrong.order.patient_id


def test_correcting_a_name_at_the_desk_does_not_take_the_study_from_its_reader(world: World) -> None:
    task = case(world)
    requested = task.requested_procedures.get()
    row = study_row(requested)
    data = PatientData(family_name="Corrected", given_name="Åse", birth_date=None, sex="F")
    update_patient(requested.order.patient, data, by=world.clerk)
    study = note_study(row, by=MATCHER)
    assert study.state == "matched"
    assert list(task.studies()) == [study]


def test_a_name_that_changes_in_the_archive_still_closes_the_study(world: World) -> None:
    task = case(world)
    study = noted(task.requested_procedures.get(), patient_name="SOMEBODY^Else")
    assert study.state == "unmatched"
    assert list(task.studies()) == []


def test_a_number_that_is_no_more_the_patients_closes_the_study(world: World) -> None:
    task = case(world)
    requested = task.requested_procedures.get()
    row = study_row(requested)
    requested.order.patient.identifiers.update(value="other-number")
    assert note_study(row, by=MATCHER).state == "unmatched"


def test_a_study_from_an_unknown_sender_waits_where_reconcilers_see_it(world: World) -> None:
    study = noted(world.requested(), patient_id="nobody", station_aet="STRANGER")
    assert study.site is None
    assert StudyLink.objects.filter(study=study, active=True).count() == 0
    for person in (world.technologist, world.radiologist):
        assert study in Study.objects.visible_to(person)
        assert study in Study.objects.listed_for(person)
    for person in (world.clerk, world.referrer, world.resident):
        assert study not in Study.objects.visible_to(person)
        assert study not in Study.objects.listed_for(person)
