"""For whom a case waits, what is handed over at the end of a shift, and wet reads."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from ris.core.errors import InvalidInput, NotPermitted, TransitionError
from ris.events.models import Event
from ris.notifications.models import Message
from tests import exam
from tests.world import World
from worklist.actions import decisions
from worklist.actions.handing import Heir, assign, hand_over
from worklist.actions.reading import claim, claim_next
from worklist.actions.wet_reads import wet_read
from worklist.actions.wrong_patient import settle_wrong_patient, wrong_patient
from worklist.models import ReadingTask, Study, WrongPatient
from worklist.reading.filters import Filter
from worklist.reading.rows import next_cases, open_cases
from worklist.reading.staff import ReadingGroup
from worklist.reading.wet import SHOWN_FOR, WetRead

pytestmark = pytest.mark.db
WARD = "/worklist/reading/wet-reads/"


@pytest.fixture
def chest(world: World) -> ReadingGroup:
    group = ReadingGroup.objects.create(site=world.north, name="Chest")
    group.members.set([world.radiologist])
    return group


def test_a_case_waits_for_a_person_who_is_told_and_finds_it_under_for_me(world: World, client: Client) -> None:
    task = exam.case(world)

    assign(task, to=Heir(person=world.resident), note="Have a look", by=world.radiologist)

    assert [found.pk for found in open_cases(world.resident, Filter(assigned="me"))] == [task.pk]
    assert open_cases(world.radiologist, Filter(assigned="me")).count() == 0
    assert Message.objects.get(recipient=world.resident).text == "Dr. Rita Radiologist: Have a look"
    client.force_login(world.resident)
    assert 'For me <span class="count">1</span>' in client.get("/worklist/reading/").content.decode()


def test_the_next_case_is_not_one_that_waits_for_somebody_else_until_it_is_overdue(
    world: World, chest: ReadingGroup
) -> None:
    task = exam.case(world)
    assign(task, to=Heir(group=chest), by=world.radiologist)

    assert claim_next(next_cases(world.resident, Filter()), by=world.resident) is None
    ReadingTask.objects.filter(pk=task.pk).update(due_at=timezone.now() - timedelta(minutes=1))
    assert claim_next(next_cases(world.resident, Filter()), by=world.resident) == task


def test_the_next_case_of_a_member_is_one_of_the_group(world: World, chest: ReadingGroup) -> None:
    task = exam.case(world)
    assign(task, to=Heir(group=chest), by=world.radiologist)
    assert claim_next(next_cases(world.radiologist, Filter(assigned="groups")), by=world.radiologist) == task


def test_cases_are_handed_out_by_radiologists_to_readers_of_the_site(world: World) -> None:
    task = exam.case(world)
    with pytest.raises(NotPermitted):
        assign(task, to=Heir(person=world.radiologist), by=world.resident)
    with pytest.raises(InvalidInput):
        assign(task, to=Heir(person=world.outsider), by=world.radiologist)
    south = ReadingGroup.objects.create(site=world.south, name="South")
    with pytest.raises(InvalidInput):
        assign(task, to=Heir(group=south), by=world.radiologist)
    assert assign(task, to=Heir(person=world.resident), by=world.resident).assigned_to == world.resident


def test_a_shift_ends_and_its_cases_go_to_somebody_else_with_text_and_note(world: World, client: Client) -> None:
    report = exam.draft(world, by=world.resident)
    waits, other = exam.case(world), claim(exam.case(world), by=world.radiologist)
    assign(waits, to=Heir(person=world.resident), by=world.radiologist)
    client.force_login(world.resident)
    body = {"case": [report.task_id, waits.pk, other.pk], "to": f"u{world.radiologist.pk}", "note": "CT pending"}

    answer = client.post("/worklist/reading/hand-over/", body)

    assert answer.status_code == 302
    for task in (report.task, waits):
        task.refresh_from_db()
        assert (task.state, task.claimed_by, task.assigned_to) == ("waiting", None, world.radiologist)
        assert task.assigned_why == "Handed over by Renee Resident: CT pending"
    assert report.task.report_state == "draft"
    assert report.task.turns.get().ended == "handed-over"
    other.refresh_from_db()
    assert other.assigned_to is None
    assert Message.objects.get(recipient=world.radiologist).subject == "2 cases were handed to you"


def test_a_hand_over_names_cases_and_an_heir_or_says_beside_the_field_what_is_missing(
    world: World, client: Client
) -> None:
    task = claim(exam.case(world), by=world.resident)
    client.force_login(world.resident)

    nobody = client.post("/worklist/reading/hand-over/", {"case": [task.pk], "to": "", "note": ""})
    nothing = client.post("/worklist/reading/hand-over/", {"to": f"u{world.radiologist.pk}"})

    assert (nobody.status_code, nothing.status_code) == (422, 422)
    assert "Choose a person or a group." in nobody.content.decode()
    assert "Tick the cases" in nothing.content.decode()
    with pytest.raises(TransitionError):
        hand_over([task], to=Heir(person=world.resident), note="", by=world.radiologist)


def test_a_wet_read_is_seen_by_the_emergency_ward_at_once(world: World, client: Client) -> None:
    task = exam.case(world)
    client.force_login(world.referrer)
    empty = client.get(WARD)
    seen = empty.context["version"]
    assert client.get(f"{WARD}rows/?seen={seen}").status_code == 204

    wet_read(task, text="No bleeding.\nFracture of rib 7 left.", told_to="Dr. Ward, by phone", by=world.resident)

    page = client.get(f"{WARD}rows/?seen={seen}").content.decode()
    assert "Fracture of rib 7 left." in page
    assert "told to Dr. Ward, by phone" in page
    assert "The report is still to come." in page
    assert Event.objects.filter(kind="reading.wet-read", target_id=str(task.pk)).count() == 1


@pytest.mark.parametrize(
    ("text", "told_to"),
    [("", "Dr. Ward"), ("One\nTwo\nThree", "Dr. Ward"), ("x" * 121, "Dr. Ward"), ("No bleeding.", ""), ("a\x00", "W")],
)
def test_a_wet_read_is_two_lines_and_somebody_was_told(text: str, told_to: str, world: World) -> None:
    with pytest.raises(InvalidInput):
        wet_read(exam.case(world), text=text, told_to=told_to, by=world.resident)
    assert not WetRead.objects.exists()


def test_a_wet_read_is_for_readers_while_the_case_is_open(world: World, client: Client) -> None:
    task = exam.case(world)
    with pytest.raises(NotPermitted):
        wet_read(task, text="No bleeding.", told_to="Dr. Ward", by=world.clerk)
    later = timezone.now() + timedelta(hours=1)
    with pytest.raises(InvalidInput):
        wet_read(task, text="No bleeding.", told_to="Dr. Ward", told_at=later, by=world.resident)
    kept = wet_read(task, text="No bleeding.", told_to="Dr. Ward", by=world.resident)
    client.force_login(world.outsider)
    assert "No bleeding." not in client.get(WARD).content.decode()
    WetRead.objects.filter(pk=kept.pk).update(at=timezone.now() - SHOWN_FOR)
    client.force_login(world.referrer)
    assert "No bleeding." not in client.get(WARD).content.decode()


def test_a_wet_read_of_another_patients_images_is_not_shown(world: World, client: Client) -> None:
    requested = world.requested()
    task = exam.case(world, requested)
    wet_read(task, text="No bleeding.", told_to="Dr. Ward", by=world.resident)

    wrong_patient(requested.steps.get(), reason="The wristband says Olsen", by=world.technologist)

    client.force_login(world.referrer)
    assert "No bleeding." not in client.get(WARD).content.decode()
    with pytest.raises(TransitionError):
        wet_read(task, text="No bleeding.", told_to="Dr. Ward", by=world.resident)


def test_a_wet_read_does_not_come_back_with_the_right_patients_images(world: World, client: Client) -> None:
    requested = world.requested()
    task = exam.case(world, requested)
    wet_read(task, text="No bleeding.", told_to="Dr. Ward", by=world.resident)
    wrong_patient(requested.steps.get(), reason="The wristband says Olsen", by=world.technologist)
    requested.refresh_from_db()
    exam.performed(world, requested)
    exam.noted(requested)
    task.refresh_from_db()
    assert not task.held

    client.force_login(world.referrer)
    page = client.get(WARD).content.decode()
    assert "No bleeding." not in page
    assert "What was said of these images does not count." in page
    assert not WetRead.objects.visible_to(world.referrer).exists()

    wet_read(task, text="Subdural haematoma.", told_to="Dr. Ward", by=world.resident)
    assert "Subdural haematoma." in client.get(WARD).content.decode()
    client.force_login(world.resident)
    case = client.get(f"/worklist/reading/{task.pk}/").content.decode()
    assert "Does not count" in case
    assert "<del>No bleeding.</del>" in case
    assert "<del>Subdural haematoma.</del>" not in case


GONE = "Images it was read on were taken from the exam since."
FALSE = "What was said of these images does not count."


def told(world: World, client: Client) -> tuple[bool, bool, bool, int]:
    """What the ward is shown: the words, that images were taken, that they do not count; and how many REST has."""
    client.force_login(world.referrer)
    page = client.get(WARD).content.decode()
    return "No bleeding." in page, GONE in page, FALSE in page, WetRead.objects.visible_to(world.referrer).count()


def test_a_wet_read_of_images_that_were_only_unlinked_is_shown_with_these_words_until_they_are_back(
    world: World, client: Client
) -> None:
    task = exam.case(world)
    wet_read(task, text="No bleeding.", told_to="Dr. Ward", by=world.resident)
    assert told(world, client) == (True, False, False, 1)

    parted = decisions.unlink(Study.objects.get(), reason="Whose?", by=world.technologist)

    assert told(world, client) == (True, True, False, 1)
    client.force_login(world.resident)
    assert GONE in client.get(f"/worklist/reading/{task.pk}/").content.decode()
    assert client.get("/api/v1/wet-reads/").json()["results"][0]["images_taken"] is True
    decisions.undo(parted, reason="Hers", by=world.technologist)
    assert told(world, client) == (True, False, False, 1)


def test_a_second_study_that_goes_to_another_exam_of_the_patient_makes_no_wet_read_void(
    world: World, client: Client
) -> None:
    requested = world.requested()
    task = exam.case(world, requested)
    second = exam.noted(requested, study_instance_uid="2.25.99", archive_id="orthanc-second")
    other = world.requested(world.order(requested.order.patient))
    wet_read(task, text="No bleeding.", told_to="Dr. Ward", by=world.resident)
    decisions.link(second, other, reason="Its own exam", by=world.technologist)
    assert told(world, client) == (True, False, False, 1), "its exam has it still"

    decisions.unlink(Study.objects.get(pk=second.pk), requested=requested, reason="Not this", by=world.technologist)

    assert task.studies().count() == 1
    assert told(world, client) == (True, True, False, 1)


def test_a_wet_read_of_images_moved_to_another_person_counts_again_when_that_is_undone(
    world: World, client: Client
) -> None:
    requested = world.requested()
    task = exam.case(world, requested)
    wet_read(task, text="No bleeding.", told_to="Dr. Ward", by=world.resident)
    hers = world.requested(world.order(world.patient("Olsen", "Tor")))
    moved = decisions.link(Study.objects.get(), hers, reason="Hers", by=world.technologist, moves=True)
    assert told(world, client) == (False, False, True, 0)

    decisions.undo(moved, reason="It was the first one", by=world.technologist)
    assert told(world, client) == (False, False, True, 0), "the archive still calls them hers"
    requested.refresh_from_db()
    exam.noted(requested)

    assert told(world, client) == (True, False, False, 1)


def test_a_wet_read_counts_again_when_the_reported_images_turn_out_to_be_the_right_patients(
    world: World, client: Client
) -> None:
    requested = world.requested()
    task = exam.case(world, requested)
    wet_read(task, text="No bleeding.", told_to="Dr. Ward", by=world.resident)
    wrong_patient(requested.steps.get(), reason="The wristband says Olsen", by=world.technologist)
    assert told(world, client) == (False, False, True, 0)
    settle_wrong_patient(WrongPatient.objects.get(), outcome="They are hers", by=world.technologist)
    assert told(world, client) == (False, False, True, 0)

    decisions.link(Study.objects.get(), requested, reason="Asked at the ward", by=world.technologist)

    assert told(world, client) == (True, False, False, 1)
