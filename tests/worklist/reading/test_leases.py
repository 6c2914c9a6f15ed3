"""Leases: renewed by signs of life; in silence a case lapses, or is paused when it has text; somebody takes it over."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from reporting.actions import save_draft
from ris.audit.models import AuditEvent
from ris.core.errors import ConcurrentUpdateError, InvalidInput, NotPermitted, TransitionError
from ris.events.models import Event
from ris.notifications.models import Message
from tests import exam
from tests.world import World
from worklist.actions.leases import lapse_leases, renew, take_over
from worklist.actions.reading import claim, release
from worklist.models import ReadingTask
from worklist.reading.leases import LEASE
from worklist.reading.turns import ReadingTurn

pytestmark = pytest.mark.db


def fresh(task: ReadingTask) -> ReadingTask:
    return ReadingTask.objects.get(pk=task.pk)


def silent(task: ReadingTask, minutes: int = 20) -> None:
    """Nothing was heard of its reader for so long."""
    until = timezone.now() - timedelta(minutes=minutes) + LEASE
    ReadingTask.objects.filter(pk=task.pk).update(lease_until=until)


def test_a_claim_has_a_lease_and_a_sign_of_life_renews_it(world: World) -> None:
    task = claim(exam.case(world), by=world.resident)
    silent(task, minutes=5)
    before = fresh(task).lease_until

    renew(task, by=world.resident)

    after = fresh(task).lease_until
    assert before is not None
    assert after is not None
    assert after - before > timedelta(minutes=4)


def test_typing_is_a_sign_of_life(world: World) -> None:
    report = exam.draft(world, by=world.resident)
    silent(report.task)

    save_draft(report, revision=report.revision, sections={"findings": "More."}, by=world.resident)

    assert fresh(report.task).paused_minutes is None


def test_a_case_without_text_goes_back_when_its_reader_is_silent(world: World) -> None:
    task, kept = claim(exam.case(world), by=world.resident), claim(exam.case(world), by=world.radiologist)
    silent(task)

    assert lapse_leases() == 1

    assert (fresh(task).state, fresh(task).claimed_by) == ("waiting", None)
    assert fresh(kept).claimed_by == world.radiologist
    assert ReadingTurn.objects.get(task=task).ended == "lapsed"
    assert AuditEvent.objects.filter(action="reading.lapsed", target_id=str(task.pk)).count() == 1


def test_a_case_with_text_never_lapses_it_is_paused_by_name(world: World, client: Client) -> None:
    report = exam.draft(world, by=world.resident)
    silent(report.task)

    assert lapse_leases() == 0

    assert fresh(report.task).claimed_by == world.resident
    client.force_login(world.radiologist)
    page = client.get("/worklist/reading/", {"whose": "paused"}).content.decode()
    assert "paused by Renee Resident, 20 min" in page


@pytest.mark.usefixtures("signing_key")
def test_a_preliminary_report_that_nobody_goes_on_with_waits_again_to_be_confirmed(world: World) -> None:
    report = exam.draft(world, by=world.resident)
    exam.sign(report, world.resident, kind="preliminary")
    task = claim(report.task, by=world.radiologist)
    silent(task)

    lapse_leases()

    assert (fresh(task).state, fresh(task).report_state) == ("preliminary", "preliminary")
    release(claim(fresh(task), by=world.radiologist), by=world.radiologist)
    assert fresh(task).state == "preliminary"


def test_who_left_a_case_gets_it_back_by_going_on_unless_somebody_has_it(world: World) -> None:
    task = claim(exam.case(world), by=world.resident)
    silent(task)
    lapse_leases()

    renew(fresh(task), by=world.resident)
    assert fresh(task).claimed_by == world.resident

    silent(task)
    lapse_leases()
    claim(fresh(task), by=world.radiologist)
    with pytest.raises(ConcurrentUpdateError):
        renew(fresh(task), by=world.resident)


def test_a_take_over_keeps_both_readers_and_the_text_and_tells_the_first(world: World) -> None:
    report = exam.draft(world, by=world.resident)

    task = take_over(report.task, reason="Shift ended", by=world.radiologist)

    report.refresh_from_db()
    assert (fresh(task).state, fresh(task).claimed_by) == ("drafted", world.radiologist)
    assert report.content["sections"]["impression"] == exam.FINDINGS["impression"]
    assert [(turn.reader, turn.ended, turn.reason) for turn in task.turns.all()] == [
        (world.resident, "taken-over", "Shift ended"),
        (world.radiologist, "", ""),
    ]
    assert "Shift ended" in Message.objects.get(recipient=world.resident).text
    assert Event.objects.get(kind="reading.taken-over").payload == {"taken_from": world.resident.pk}
    with pytest.raises(NotPermitted):
        save_draft(report, revision=report.revision, sections={"findings": "Mine."}, by=world.resident)


def test_a_take_over_needs_a_reason_and_another_reader(world: World) -> None:
    task = claim(exam.case(world), by=world.resident)
    with pytest.raises(InvalidInput):
        take_over(task, reason="  ", by=world.radiologist)
    with pytest.raises(TransitionError):
        take_over(task, reason="Why not", by=world.resident)
    with pytest.raises(NotPermitted):
        take_over(task, reason="Why not", by=world.clerk)
    assert fresh(task).claimed_by == world.resident


def test_who_takes_over_sees_what_was_written_before(world: World, client: Client) -> None:
    report = exam.draft(world, by=world.resident)
    client.force_login(world.radiologist)
    address = f"/worklist/reading/{report.task_id}/"

    assert exam.FINDINGS["findings"] in client.get(address).content.decode()
    refused = client.post(f"{address}take-over/", {"reason": ""})
    assert (refused.status_code, fresh(report.task).claimed_by) == (422, world.resident)
    assert client.post(f"{address}take-over/", {"reason": "Shift ended"}).status_code == 302
    assert fresh(report.task).claimed_by == world.radiologist
