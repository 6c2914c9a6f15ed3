"""A template that came as an MRRT file, with ids and titles of its own, is served as our own are."""

from __future__ import annotations

import json
from datetime import date

import pytest
from django.test import Client

from reporting.actions import open_report, save_draft
from reporting.actions.templates import TemplateData, begin_template, publish_template
from reporting.batch.choosing import candidate
from reporting.library import TemplateRule
from reporting.models import Report, ReportTemplate
from reporting.reread.reading import remarks, remarks_on
from reporting.templates.mrrt import read
from tests.exam import draft, sign
from tests.worklist.priors.test_earlier import taken
from tests.world import World
from worklist.actions.reading import claim
from worklist.exam.record import ReceivedSeries

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("signing_key")]

ENGLISH = ("Technique", "Comparison", "Findings", "Impressions")
GERMAN = ("Untersuchungstechnik", "Vergleich", "Befund", "Fazit")


def imported(world: World, titles: tuple[str, ...]) -> ReportTemplate:
    """Sections "s1" to "s4" under these titles, without codes."""
    sections = "".join(
        f'<section id="s{number}" data-section-name="{title}"><p></p></section>'
        for number, title in enumerate(titles, 1)
    )
    file = f"<html><head><title>Imported chest CT</title></head><body>{sections}</body></html>"
    data = TemplateData(**{**read(file).template, "modality": "CT", "body_part": "CHEST"})
    return publish_template(begin_template(data, by=world.admin), by=world.admin)


def begun(world: World, titles: tuple[str, ...]) -> Report:
    """A draft with the imported template, of a person who has an earlier chest CT; series came with the images."""
    patient = world.patient()
    sign(draft(world, task=taken(world, patient, "CTCHEST", date(2025, 3, 12))), world.radiologist)
    task = taken(world, patient, "CTCHEST", date(2027, 3, 12))
    ReceivedSeries.objects.create(
        study=task.studies().get(), series_instance_uid="2.25.41", modality="CT", description="Lung 1 mm", images=120
    )
    template = imported(world, titles)
    TemplateRule.objects.create(template_key=template.key, procedure=world.procedure("CTCHEST"), site=task.site)
    report = open_report(claim(task, by=world.radiologist), by=world.radiologist)
    assert report.template_id == template.pk
    return Report.objects.select_related("task__patient", "site", "template").get(pk=report.pk)


@pytest.mark.parametrize("titles", [ENGLISH, GERMAN])
def test_its_comparison_and_technique_begin_with_what_is_known(world: World, titles: tuple[str, ...]) -> None:
    sections = begun(world, titles).content["sections"]
    assert "Lung 1 mm" in sections["s1"]
    assert "2025-03-12" in sections["s2"]
    assert (sections["s3"], sections["s4"]) == ("", "")


@pytest.mark.parametrize("titles", [ENGLISH, GERMAN])
def test_its_impression_is_missed_when_it_is_empty(world: World, titles: tuple[str, ...]) -> None:
    report = begun(world, titles)
    assert [(one.doubt.rule, one.doubt.section) for one in remarks(report)] == [("empty", "s4")]
    assert [one.doubt.rule for one in remarks_on(report, [{"key": "s4", "title": titles[3], "text": ""}])] == ["empty"]


def test_its_impression_is_held_against_its_findings(world: World) -> None:
    report = begun(world, ENGLISH)
    text = {"s3": "A cyst in the left kidney.", "s4": "Right renal cyst."}
    report = save_draft(report, revision=report.revision, sections=text, by=world.radiologist)
    assert [(one.doubt.rule, one.doubt.section) for one in remarks(report)] == [("contradiction", "s4")]


def test_its_impression_is_what_fhir_and_the_list_to_sign_show(world: World, client: Client) -> None:
    report = begun(world, ENGLISH)
    said = {"s3": "A nodule.", "s4": "Follow up in three months."}
    report = save_draft(report, revision=report.revision, sections=said, by=world.radiologist)
    assert candidate(report, world.radiologist).impression == "Follow up in three months."
    sign(report, world.radiologist)
    client.force_login(world.radiologist)
    assert client.get(f"/fhir/DiagnosticReport/{report.pk}").json()["conclusion"] == "Follow up in three months."


def test_the_preview_says_what_each_section_is_taken_for(world: World, client: Client) -> None:
    client.force_login(world.admin)
    body = TemplateData.of(imported(world, GERMAN)).columns()
    shown = client.post("/admin/reporting/reporttemplate/preview/", {"body": json.dumps(body)}).json()["html"]
    assert "Read as the impression" in shown
    assert "Read as the technique" in shown
