"""Several reports signed with one password: only those that were seen and that nothing speaks against."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.utils import timezone

from reporting.actions.objects import refill_case
from reporting.actions.sign import Proof
from reporting.batch import signing
from reporting.batch.choosing import candidates, reason_against
from reporting.batch.signing import Chosen, sign_batch
from reporting.models import Report, Signature
from ris.core.actors import SystemActor
from ris.scheduling.models import ScheduledProcedureStep
from tests.exam import FINDINGS, case, draft, sign, stored
from tests.reporting.test_drafts import save
from tests.world import PASSWORD, World
from worklist.actions.leases import take_over
from worklist.actions.reading import claim
from worklist.actions.record import Contrast, give_contrast
from worklist.exam.record import ContrastAgent
from worklist.models import ReadingTask

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("signing_key")]


def fresh(report: Report) -> Report:
    return Report.objects.select_related("task__patient", "site", "template").get(pk=report.pk)


def another(world: World, **sections: str) -> Report:
    report = draft(world, task=case(world, world.requested(world.order(world.patient(f"P{Report.objects.count()}")))))
    return save(report, world.radiologist, None, **sections) if sections else report


def opened(world: World, url: str) -> None:
    client = Client()
    client.force_login(world.radiologist)
    assert client.get(url).status_code == 200


def looked_at(report: Report, world: World) -> None:
    opened(world, f"/reports/cases/{report.task_id}/panel/")


def posted(world: World, *reports: Report, revision: int | None = None, **more: str) -> str:
    client = Client()
    client.force_login(world.radiologist)
    chosen = [f"{one.pk}:{one.revision if revision is None else revision}" for one in reports]
    return client.post("/reports/to-sign/", {"report": chosen, "password": PASSWORD, **more}).content.decode()


def test_each_of_the_chosen_gets_its_own_signature_and_the_refused_are_named(world: World) -> None:
    good, also, unfilled = another(world), another(world), another(world, findings="A [size] nodule.")
    page = posted(world, good, also, unfilled)
    assert [fresh(report).state for report in (good, also, unfilled)] == ["final", "final", "draft"]
    assert Signature.objects.count() == 2
    assert page.count(">Signed<") == 2
    assert "is not filled in" in page


def test_a_wrong_password_signs_nothing(world: World) -> None:
    report = another(world)
    assert "password is wrong" in posted(world, report, password="no")
    assert fresh(report).state == "draft"


def test_what_somebody_else_wrote_is_opened_first(world: World) -> None:
    task = case(world)
    report = draft(world, by=world.resident, task=task)
    take_over(ReadingTask.objects.get(pk=task.pk), reason="Ill", by=world.radiologist)
    assert "changed since you opened it" in reason_against(fresh(report), world.radiologist)
    looked_at(report, world)
    assert reason_against(fresh(report), world.radiologist) == ""


def taken_over(world: World) -> Report:
    """A resident's preliminary report that was changed after it was signed, now in the radiologist's hands."""
    task = case(world)
    sign(draft(world, by=world.resident, task=task), world.resident, "preliminary")
    task.refresh_from_db()
    report = save(draft(world, by=world.resident, task=task), world.resident, None, findings="Nobody else read this.")
    take_over(ReadingTask.objects.get(pk=task.pk), reason="Ill", by=world.radiologist)
    return fresh(report)


@pytest.mark.parametrize("door", ["/reports/{report}/", "/fhir/DiagnosticReport/{report}"])
def test_pages_that_show_only_what_was_signed_do_not_count_as_reading_the_draft(world: World, door: str) -> None:
    report = taken_over(world)
    opened(world, door.format(report=report.pk))
    assert "changed since you opened it" in reason_against(fresh(report), world.radiologist)
    opened(world, f"/api/v1/reports/{report.pk}/")
    assert "changed since" not in reason_against(fresh(report), world.radiologist)


def test_a_draft_that_was_shown_before_its_last_save_was_not_read(world: World) -> None:
    report = taken_over(world)
    looked_at(report, world)
    report = fresh(report)
    Report.objects.filter(pk=report.pk).update(revision=report.revision + 1)
    assert "changed since you opened it" in reason_against(fresh(report), world.radiologist)


def test_a_measurement_that_came_after_the_last_look_is_opened_first(world: World) -> None:
    report = another(world)
    assert reason_against(report, world.radiologist) == ""
    stored(report.task, 12.0, measured_at=timezone.now() + timedelta(seconds=1))
    assert "changed since you opened it" in reason_against(fresh(report), world.radiologist)
    looked_at(report, world)
    assert "changed since" not in reason_against(fresh(report), world.radiologist)


def test_numbers_that_changed_without_a_new_object_are_opened_first(world: World) -> None:
    """What takes a measurement out of the report has no instant of its own to compare with."""
    report = another(world)
    stored(report.task, 12.0)
    looked_at(report, world)
    assert "changed since" not in reason_against(fresh(report), world.radiologist)
    report.task.stored_objects.update(state="superseded")
    assert "measurements changed since you opened it" in reason_against(fresh(report), world.radiologist)
    assert "measurements changed since you opened it" in posted(world, fresh(report))
    assert fresh(report).state == "draft"
    looked_at(report, world)
    assert "changed since" not in reason_against(fresh(report), world.radiologist)


def test_numbers_that_came_to_the_open_page_by_themselves_were_shown(world: World) -> None:
    report = another(world)
    looked_at(report, world)
    stored(report.task, 12.0, measured_at=timezone.now() - timedelta(minutes=5))
    assert "changed since" in reason_against(fresh(report), world.radiologist)
    opened(world, f"/reports/{report.pk}/numbers/")
    assert "measurements changed" not in reason_against(fresh(report), world.radiologist)


def reaction_added(report: Report, world: World) -> None:
    """The technologist writes down what the report's text then says by itself."""
    step = ScheduledProcedureStep.objects.get(requested_procedure__reading_tasks=report.task_id)
    agent = ContrastAgent.objects.get(name="Iohexol 350 mg I/mL")
    given = Contrast(agent=agent, volume_ml=Decimal(80), reaction="severe", reaction_text="shock")
    give_contrast(step, given, by=world.technologist)
    assert refill_case(report.task, by=SystemActor("delivery")) == ["technique"]


def test_what_the_technologist_added_after_the_last_look_is_opened_first(world: World) -> None:
    report, client = another(world), Client()
    client.force_login(world.radiologist)
    client.get(f"/reports/cases/{report.task_id}/panel/")
    assert reason_against(fresh(report), world.radiologist) == ""
    reaction_added(report, world)
    assert "It changed since you opened it" in posted(world, fresh(report))
    assert fresh(report).state == "draft"
    save(fresh(report), world.radiologist, None, **FINDINGS)
    assert "changed since you opened it" in reason_against(fresh(report), world.radiologist), "its page was older"
    assert "Severe reaction" in client.get(f"/reports/cases/{report.task_id}/panel/").content.decode()
    assert reason_against(fresh(report), world.radiologist) == ""
    posted(world, fresh(report))
    assert fresh(report).state == "final"


def test_what_came_while_the_ones_before_were_signed_is_not_signed(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the look whether it may be signed and the signature; whoever chose has the older row in hand."""
    early, late = another(world), another(world)
    chosen = [Chosen(one, one.revision) for one in (early, late)]
    monkeypatch.setattr(signing, "kind_for", lambda one, by: _after(one, late, world))
    outcomes = sign_batch(chosen, proof=Proof(timezone.now()), by=world.radiologist)
    assert [bool(one.version) for one in outcomes] == [True, False]
    assert "changed meanwhile" in outcomes[1].reason
    assert fresh(late).state == "draft"


def _after(one: Report, late: Report, world: World) -> str:
    if one.pk == late.pk:
        reaction_added(late, world)
    return "final"


def test_warnings_and_empty_reports_are_refused_with_their_reason(world: World) -> None:
    empty = another(world, impression="")
    assert "Impression is empty" in reason_against(empty, world.radiologist)
    Report.objects.filter(pk=empty.pk).update(saved_at=None)
    assert reason_against(fresh(empty), world.radiologist) == "Nothing was written yet."


def test_anothers_preliminary_report_is_graded_in_the_list(world: World) -> None:
    task = case(world)
    first = sign(draft(world, by=world.resident, task=task), world.resident, "preliminary")
    claim(ReadingTask.objects.get(pk=task.pk), by=world.radiologist)
    looked_at(first.report, world)
    report = fresh(first.report)
    assert [row.preliminary for row in candidates(world.radiologist)] == [first]
    assert "how far you agree" in posted(world, report)
    assert fresh(report).state == "preliminary"
    posted(world, report, revision=None, **{f"grade-{report.pk}": "none"})
    assert fresh(report).state == "final"


def test_a_report_that_moved_after_the_page_was_drawn_is_not_signed(world: World) -> None:
    report = another(world)
    stale = report.revision
    save(report, world.radiologist, None, **FINDINGS)
    page = posted(world, report, revision=stale)
    assert "changed since you looked" in page
    assert fresh(report).state == "draft"


def test_no_password_is_asked_for_when_nothing_can_be_signed_here(world: World) -> None:
    client = Client()
    client.force_login(world.radiologist)
    report = another(world, impression="")
    page = client.get("/reports/to-sign/").content.decode()
    assert "Impression is empty" in page
    assert "None of these is signed from here" in page
    assert 'name="password"' not in page
    save(report, world.radiologist, None, **FINDINGS)
    assert 'name="password"' in client.get("/reports/to-sign/").content.decode()


def test_only_cases_that_one_holds_are_listed(world: World) -> None:
    draft(world, by=world.resident)
    assert candidates(world.radiologist) == []
    assert len(candidates(world.resident)) == 1
