"""Images that are closed or moved away while a signed report waits: nothing of it leaves; its signer has it again."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from reporting.actions import save_draft
from reporting.actions.amend import Typed, begin_amendment, save_amendment, sign_amendment
from reporting.actions.critical import flag
from reporting.actions.sign import Proof
from reporting.delay.actions import MOVED, recall_report, release_due, release_now
from reporting.delay.record import PublishDelay
from reporting.models import Report, ReportVersion
from reporting.moved.reading import moved_images
from ris.audit.models import AuditEvent
from ris.core.actors import SystemActor
from ris.core.errors import InvalidInput, TransitionError
from ris.events import outbox
from ris.events.models import Delivery, Event
from ris.notifications.models import Message
from tests.exam import draft, noted, sign
from tests.world import World
from worklist.actions import decisions
from worklist.actions.wrong_patient import wrong_patient
from worklist.models import ReadingTask, Study

pytestmark = [pytest.mark.db, pytest.mark.usefixtures("signing_key")]
SYSTEM = SystemActor("delivery")
WHY = "Another patient lay there"
KEPT = "A report that you signed was kept back"


@pytest.fixture(autouse=True)
def delay(world: World) -> PublishDelay:
    return PublishDelay.objects.create(site=world.north, minutes=5)


def fresh(report: Report) -> Report:
    return Report.objects.select_related("task", "site").get(pk=report.pk)


def closed(world: World, report: Report) -> None:
    wrong_patient(report.task.requested_procedures.get().steps.get(), reason=WHY, by=world.technologist)


def over(version: ReportVersion) -> None:
    """Its time is over."""
    release_due(version, now=timezone.now() + timedelta(minutes=6), by=SYSTEM)


def left() -> list[str]:
    told = ("report.signed", "report.addended", "report.corrected")
    return list(Event.objects.filter(kind__in=told).order_by("pk").values_list("kind", flat=True))


def added(report: Report, world: World) -> ReportVersion:
    begun = begin_amendment(report, kind="addendum", by=world.radiologist)
    saved = save_amendment(begun, Typed(["The cyst is benign."], seen=1), revision=begun.revision, by=world.radiologist)
    return sign_amendment(saved, revision=saved.revision, proof=Proof(timezone.now()), by=world.radiologist)


def test_a_report_on_images_that_were_closed_meanwhile_never_leaves(world: World) -> None:
    version = sign(draft(world), world.radiologist)
    closed(world, version.report)
    over(version)
    report = fresh(version.report)
    assert left() == []
    assert not Delivery.objects.filter(subscriber="reporting.archive").exists()
    assert ReportVersion.objects.get(pk=version.pk).publication.archive_state == "withheld"
    assert (report.state, report.held_until, report.newest_in_force) == ("draft", None, None)
    assert (report.task.state, report.task.claimed_by_id) == ("drafted", world.radiologist.pk)
    assert not Report.objects.visible_to(world.referrer).exists()
    told = Message.objects.get(subject=KEPT)
    assert (told.recipient, told.link) == (world.radiologist, f"/reports/{report.pk}/")
    assert version.accession_numbers[0] in told.text
    assert AuditEvent.objects.get(action="report.recalled").actor_id == "delivery"


def test_its_signer_has_it_again_at_once_not_only_when_its_time_is_over(world: World) -> None:
    version = sign(draft(world), world.radiologist)
    closed(world, version.report)
    outbox.sweep()
    outbox.sweep()
    report = fresh(version.report)
    assert (report.state, report.task.held) == ("draft", True), "there is nothing left to read"
    assert Message.objects.filter(recipient=world.radiologist, subject=KEPT).count() == 1
    over(version)
    assert left() == []
    with pytest.raises(InvalidInput, match="no study that may be read"):
        sign(report, world.radiologist)


def test_one_of_two_studies_is_enough(world: World) -> None:
    first = draft(world)
    requested = first.task.requested_procedures.get()
    second = noted(requested, study_instance_uid="2.25.4711", archive_id="second", instance_count=3)
    assert first.task.studies().count() == 2
    report = save_draft(fresh(first), revision=first.revision, sections={"findings": "Both."}, by=world.radiologist)
    version = sign(report, world.radiologist)
    decisions.unlink(second, reason=WHY, by=world.technologist)
    outbox.sweep()
    after = fresh(version.report)
    assert (after.state, after.task.held, left()) == ("draft", False, [])
    assert after.task.studies().count() == 1


def test_an_addendum_is_its_writers_draft_again_and_the_report_what_it_was(world: World) -> None:
    first = sign(draft(world), world.radiologist)
    release_now(first.report, by=world.radiologist)
    version = added(fresh(first.report), world)
    closed(world, version.report)
    over(version)
    report = fresh(version.report)
    assert left() == ["report.signed"]
    assert (report.state, report.held_until, report.newest_in_force) == ("final", None, first)
    assert [one.state for one in report.amendments.all()] == ["draft"]
    assert ReportVersion.objects.get(pk=version.pk).publication.archive_state == "withheld"
    assert Message.objects.filter(recipient=world.radiologist, subject=KEPT).count() == 1


def test_a_preliminary_report_is_that_again(world: World) -> None:
    first = sign(draft(world, by=world.resident), world.resident, "preliminary")
    task = ReadingTask.objects.get(pk=first.report.task_id)
    version = sign(draft(world, task=task), world.radiologist, grade="minor")
    closed(world, version.report)
    over(version)
    report = fresh(version.report)
    assert (report.state, report.newest_in_force, left()) == ("preliminary", first, ["report.signed"])


def test_nobody_sends_it_before_its_time_and_urgency_does_not_either(world: World) -> None:
    version = sign(draft(world), world.radiologist)
    decision = decisions.unlink(Study.objects.get(), reason=WHY, by=world.technologist)
    with pytest.raises(TransitionError, match="moved away"):
        release_now(version.report, by=world.radiologist)
    assert "Recall it" in MOVED
    flag(version.report.task, category=1, finding="Bleeding", recipient="Dr. Ward", by=world.radiologist)
    assert (left(), fresh(version.report).state) == ([], "draft"), "the finding is flagged, and the report stays here"
    decisions.undo(decision, reason="They are his", by=world.technologist)
    assert not fresh(version.report).task.held


def test_images_that_are_back_in_time_let_it_go(world: World) -> None:
    version = sign(draft(world), world.radiologist)
    decision = decisions.unlink(Study.objects.get(), reason=WHY, by=world.technologist)
    decisions.undo(decision, reason="They are his", by=world.technologist)
    assert moved_images(fresh(version.report)) == []
    over(version)
    assert left() == ["report.signed"]


def test_with_its_signer_gone_the_case_waits_for_another_reader(world: World) -> None:
    version = sign(draft(world), world.radiologist)
    type(world.radiologist).objects.filter(pk=world.radiologist.pk).update(is_active=False)
    decision = decisions.unlink(Study.objects.get(), reason=WHY, by=world.technologist)
    over(version)
    task = fresh(version.report).task
    assert (task.state, task.claimed_by_id, task.held, left()) == ("waiting", None, True, [])
    decisions.undo(decision, reason="They are his", by=world.technologist)
    assert not ReadingTask.objects.get(pk=task.pk).held


def test_recalled_by_its_signer_it_has_nothing_to_read_either(world: World) -> None:
    version = sign(draft(world), world.radiologist)
    closed(world, version.report)
    recall_report(version.report, by=world.radiologist)
    assert fresh(version.report).task.held
