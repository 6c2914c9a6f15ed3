"""Versions of templates: edited as drafts, fixed once published, kept by the reports that were begun with them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction

from reporting.actions import open_report
from reporting.actions.starter import load_starter
from reporting.actions.templates import (
    TemplateData,
    begin_template,
    edit_template,
    keep_sample,
    publish_template,
    retire_template,
)
from reporting.models import ReportTemplate, SampleReading, TemplateRule
from reporting.offer import template_for, why
from ris.audit.models import AuditEvent
from ris.core.actors import SystemActor
from ris.core.errors import ConcurrentUpdateError, InvalidInput, NotPermitted, TransitionError
from tests.exam import case
from tests.world import World
from worklist.actions.reading import claim

pytestmark = pytest.mark.db


def chest() -> ReportTemplate:
    return ReportTemplate.objects.published().get(key="ct-chest")


def next_draft(world: World, **changes: Any) -> ReportTemplate:
    return begin_template(replace(TemplateData.of(chest()), **changes), by=world.admin)


def test_a_new_version_is_a_draft_and_changes_nothing_until_it_is_published(world: World) -> None:
    draft = next_draft(world, title="CT thorax")
    assert (draft.version, draft.state) == (2, "draft")
    assert chest().title == "CT chest"
    publish_template(draft, by=world.admin)
    assert (chest().title, chest().version) == ("CT thorax", 2)
    assert ReportTemplate.objects.get(key="ct-chest", version=1).state == "retired"


def test_a_report_keeps_the_version_that_it_was_begun_with(world: World) -> None:
    report = open_report(claim(case(world), by=world.radiologist), by=world.radiologist)
    publish_template(next_draft(world, fields=[]), by=world.admin)
    again = open_report(report.task, by=world.radiologist)
    assert again.template.version == 1
    assert "lesion-length" in [spec["key"] for spec in again.template.fields]


def test_what_was_published_never_changes(world: World) -> None:
    row = chest()
    with pytest.raises(TransitionError):
        edit_template(row, TemplateData.of(row), revision=row.revision, by=world.admin)
    assert chest().revision == row.revision


def test_an_older_version_may_be_offered_again(world: World) -> None:
    first = chest()
    publish_template(next_draft(world), by=world.admin)
    publish_template(first, by=world.admin)
    assert chest().pk == first.pk


def test_two_editors_do_not_overwrite_each_other(world: World) -> None:
    draft = next_draft(world)
    data = TemplateData.of(draft)
    edit_template(draft, replace(data, title="Mine"), revision=0, by=world.admin)
    with pytest.raises(ConcurrentUpdateError):
        edit_template(draft, replace(data, title="Theirs"), revision=0, by=world.admin)
    assert ReportTemplate.objects.get(pk=draft.pk).title == "Mine"


def test_a_template_with_mistakes_is_not_kept(world: World) -> None:
    with pytest.raises(InvalidInput) as refused:
        next_draft(world, title=" ", fields=[{"key": "X", "label": "x", "section": "findings"}])
    assert set(refused.value.fields) == {"title", "fields.0.key"}
    assert not ReportTemplate.objects.filter(version=2).exists()


def test_the_key_of_a_template_stays(world: World) -> None:
    draft = next_draft(world)
    with pytest.raises(InvalidInput):
        edit_template(draft, replace(TemplateData.of(draft), key="other"), revision=0, by=world.admin)


@pytest.mark.parametrize("who", ["radiologist", "siteadmin", "clerk"])
def test_templates_are_the_administrators(who: str, world: World) -> None:
    person, row = world.people[who], chest()
    with pytest.raises(NotPermitted):
        begin_template(TemplateData.of(row), by=person)
    for act in (publish_template, retire_template):
        with pytest.raises(NotPermitted):
            act(row, by=person)
    with pytest.raises(NotPermitted):
        keep_sample("x", {}, by=person)


def test_what_is_done_to_templates_is_on_record(world: World) -> None:
    draft = publish_template(next_draft(world), by=world.admin)
    retire_template(draft, by=world.admin)
    done = AuditEvent.objects.filter(action__startswith="template.").order_by("id").values_list("action", flat=True)
    assert list(done)[-3:] == ["template.begun", "template.published", "template.retired"]


def test_the_database_offers_one_version_of_a_template_only(world: World) -> None:
    draft = next_draft(world)
    with pytest.raises(IntegrityError), transaction.atomic():
        ReportTemplate.objects.filter(pk=draft.pk).update(state="published")


def test_the_starter_set_fills_what_is_missing_and_leaves_the_rest(world: World) -> None:
    retire_template(chest(), by=world.admin)
    ReportTemplate.objects.filter(key="mr-knee").delete()
    assert load_starter(by=SystemActor("setup")) == ["mr-knee"]
    call_command("load_templates", verbosity=0)
    assert not ReportTemplate.objects.published().filter(key="ct-chest").exists()
    assert ReportTemplate.objects.published().count() == 14


def test_rules_outweigh_what_procedures_and_templates_say(world: World) -> None:
    task = claim(case(world), by=world.radiologist)
    assert template_for(task, world.radiologist).key == "ct-chest"
    TemplateRule.objects.create(template_key="ct-recist", procedure=world.procedure(), radiologist=world.radiologist)
    TemplateRule.objects.create(template_key="general", procedure=world.procedure(), site=world.south)
    assert template_for(task, world.radiologist).key == "ct-recist"
    assert template_for(task, world.resident).key == "ct-chest"
    assert [rule.key for rule in why(task, world.radiologist)][:2] == ["ct-recist", "ct-chest"]


def test_a_rule_for_a_template_that_is_retired_is_passed_over(world: World) -> None:
    TemplateRule.objects.create(template_key="ct-recist", procedure=world.procedure(), site=world.north)
    ReportTemplate.objects.filter(key="ct-recist").update(state="retired")
    assert template_for(claim(case(world), by=world.radiologist), world.radiologist).key == "ct-chest"


def test_of_an_uploaded_object_the_numbers_are_kept_and_the_person_is_not(world: World) -> None:
    reading = {"patient_id": "N-1", "accession_number": "N260000001", "observer": "Doe^Jane", "reader": "ultrasound",
               "groups": [{"values": []}]}  # fmt: skip
    keep_sample("Ultrasound 2", reading, by=world.admin)
    assert SampleReading.objects.get().reading == {"reader": "ultrasound", "groups": [{"values": []}]}
