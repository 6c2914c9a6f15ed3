"""Drafts: opened by who holds the case, saved with an optimistic lock."""

from __future__ import annotations

import threading

import pytest
from django.db import connection

from reporting.actions import open_report, save_draft
from reporting.models import Report, ReportTemplate
from ris.accounts.models import User
from ris.audit.models import AuditEvent
from ris.core.errors import ConcurrentUpdateError, DomainError, InvalidInput, NotFound, NotPermitted, TransitionError
from ris.events.models import Event
from ris.orders.models import Procedure
from tests.exam import FINDINGS, case, draft, performed, sign
from tests.world import World
from worklist.actions.reading import claim, release
from worklist.models import ReadingTask


def opened(world: World, by: str = "radiologist") -> Report:
    reader = world.people[by]
    return open_report(claim(case(world), by=reader), by=reader)


def save(report: Report, by: User, revision: int | None = None, **sections: str) -> Report:
    return save_draft(report, revision=report.revision if revision is None else revision, sections=sections, by=by)


def fresh(report: Report) -> Report:
    return Report.objects.select_related("task").get(pk=report.pk)


def test_a_report_begins_with_the_words_of_its_template(world: World) -> None:
    report = opened(world)
    assert (report.template.key, report.state, report.revision) == ("ct-chest", "draft", 0)
    assert report.content["sections"] == {
        "technique": "Helical CT of the chest.", "comparison": "None.", "findings": "", "impression": "",
    }  # fmt: skip
    assert report.content["fields"] == dict.fromkeys(spec["key"] for spec in report.template.fields)


@pytest.mark.parametrize(
    ("code", "template"), [("CTCHEST", "ct-chest"), ("CTABD", "ct-abdomen"), ("MRBRAIN", "mr-brain")]
)
def test_the_template_is_the_procedures_else_that_of_the_modality_and_body_part(
    code: str, template: str, world: World
) -> None:
    task = case(world, world.requested(world.order(code=code)))
    assert open_report(claim(task, by=world.radiologist), by=world.radiologist).template.key == template


def test_an_exam_that_no_template_is_for_gets_the_plain_one(world: World) -> None:
    Procedure.objects.filter(code="CTABD").update(body_part="WHOLEBODY")
    task = case(world, world.requested(world.order(code="CTABD")))
    assert open_report(claim(task, by=world.radiologist), by=world.radiologist).template.key == "general"


def test_without_any_template_the_reader_is_told_what_to_do(world: World) -> None:
    ReportTemplate.objects.update(state="retired")
    with pytest.raises(NotFound, match="administrator"):
        opened(world)
    assert not Report.objects.exists()


def test_a_case_has_one_report_however_often_it_is_opened(world: World) -> None:
    report = opened(world)
    assert open_report(report.task, by=world.radiologist) == report
    assert AuditEvent.objects.filter(action="report.opened").count() == 1


def test_a_case_that_nobody_has_is_not_written(world: World) -> None:
    with pytest.raises(NotPermitted):
        open_report(case(world), by=world.radiologist)
    assert not Report.objects.exists()


@pytest.mark.parametrize("who", ["radiologist", "resident"])
def test_its_reader_saves_and_moves_the_revision_on(who: str, world: World) -> None:
    report = save(opened(world, who), world.people[who], findings="A nodule.\r\nCalcified.")
    assert (fresh(report).revision, fresh(report).state) == (1, "draft")
    assert fresh(report).content["sections"]["findings"] == "A nodule.\nCalcified."
    assert fresh(report).content["sections"]["comparison"] == "None.", "what was not sent stays"
    task = fresh(report).task
    assert (task.state, task.report_state) == ("drafted", "draft")


@pytest.mark.parametrize("who", ["clerk", "technologist", "resident", "referrer", "siteadmin", "admin", "outsider"])
def test_nobody_else_writes_in_it(who: str, world: World) -> None:
    report = opened(world)
    with pytest.raises(NotPermitted):
        save(report, world.people[who], findings="Mine now")
    assert (fresh(report).revision, fresh(report).content) == (0, report.content)


def test_a_stale_page_loses_and_writes_nothing(world: World) -> None:
    report = opened(world)
    save(report, world.radiologist, findings="First")
    with pytest.raises(ConcurrentUpdateError, match="saved elsewhere"):
        save(report, world.radiologist, revision=0, findings="Second")
    assert (fresh(report).revision, fresh(report).content["sections"]["findings"]) == (1, "First")


@pytest.mark.parametrize(("section", "text"), [
    ("unknown", "x"), ("findings", "x" * 50_001), ("findings", "a\x00b"), ("findings", "\ud800"),
])  # fmt: skip
def test_what_cannot_be_kept_is_named_beside_its_section(section: str, text: str, world: World) -> None:
    report = opened(world)
    with pytest.raises(InvalidInput) as refused:
        save_draft(report, revision=0, sections={section: text}, by=world.radiologist)
    assert set(refused.value.fields) == {section}
    assert fresh(report).revision == 0


def test_what_is_signed_is_not_written_any_more(world: World, signing_key: None) -> None:
    report = draft(world)
    version = sign(report, world.radiologist)
    with pytest.raises((TransitionError, NotPermitted)):
        save(fresh(report), world.radiologist, findings="Changed")
    assert fresh(report).content["sections"]["findings"] == FINDINGS["findings"]
    assert version.content["sections"]


def test_the_first_save_of_each_reader_is_audited_and_told_once(world: World) -> None:
    report = save(opened(world, "resident"), world.resident, findings="One")
    save(fresh(report), world.resident, findings="Two")
    release(ReadingTask.objects.get(), by=world.resident)
    claim(ReadingTask.objects.get(), by=world.radiologist)
    save(fresh(report), world.radiologist, findings="Three")
    save(fresh(report), world.radiologist, findings="Four")
    rows = AuditEvent.objects.filter(action="report.drafted").order_by("id")
    assert [row.actor_id for row in rows] == [str(world.resident.pk), str(world.radiologist.pk)]
    assert Event.objects.filter(kind="report.drafted").count() == 1


def test_what_its_reader_gave_back_is_not_saved_by_an_open_page(world: World) -> None:
    report = opened(world)
    release(report.task, by=world.radiologist)
    with pytest.raises(NotPermitted):
        save(report, world.radiologist, findings="Late")
    assert fresh(report).revision == 0


def test_a_report_is_seen_by_those_who_write_and_once_signed_by_those_who_read(world: World, signing_key: None) -> None:
    def who() -> set[str]:
        return {name for name, user in world.people.items() if Report.objects.visible_to(user).exists()}

    report = draft(world)
    assert who() == {"resident", "radiologist"}
    sign(report, world.radiologist)
    assert who() == {"resident", "radiologist", "referrer"}


@pytest.mark.db
def test_of_many_pages_with_one_revision_one_saves(live_world: World) -> None:
    report, gate = opened(live_world), threading.Barrier(10)
    outcomes: list[str] = []

    def work(number: int) -> None:
        gate.wait()
        try:
            save(report, live_world.radiologist, revision=0, findings=f"Text {number}")
            outcomes.append("saved")
        except DomainError as error:
            outcomes.append(error.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["changed-meanwhile"] * 9 + ["saved"]
    assert fresh(report).revision == 1


def test_a_second_exam_has_a_report_of_its_own(world: World) -> None:
    first = opened(world)
    requested = world.requested(world.order(world.patient("Other")))
    performed(world, requested)
    assert opened(world).pk != first.pk
