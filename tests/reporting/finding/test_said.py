"""A report is found by all that it prints: its fields, why it was corrected, the words of its key images."""

from __future__ import annotations

from importlib import import_module
from types import SimpleNamespace
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.test import Client

from reporting.finding.query import mark, read, words_of
from reporting.finding.quoting import quote
from reporting.finding.record import ReportText
from reporting.models import Report, ReportTemplate
from tests.exam import draft, sign
from tests.reporting.amending.test_amending import corrected
from tests.reporting.amending.test_filling_anew import pointed_out
from tests.reporting.finding.test_search import found
from tests.world import World

pytestmark = [pytest.mark.usefixtures("signing_key"), pytest.mark.db]
MIGRATION = import_module("reporting.migrations.0026_words_of_fields")
ASSESSMENT = {"key": "assessment", "label": "Assessment", "section": "findings", "type": "text"}
SUSPICIOUS = "BI-RADS 4c suspicious"


def with_field(world: World) -> Report:
    """Final, with an assessment that stands in a field and in no text."""
    ReportTemplate.objects.filter(key="ct-chest").update(fields=[ASSESSMENT])
    report = draft(world)
    held = {"assessment": {"kind": "typed", "value": SUSPICIOUS, "unit": "", "text": SUSPICIOUS}}
    Report.objects.filter(pk=report.pk).update(content={**report.content, "fields": held})
    return sign(Report.objects.get(pk=report.pk), world.radiologist).report


@pytest.mark.parametrize("text", ["suspicious", '"BI-RADS 4c"', '"assessment bi rads"', "nodule suspic"])
def test_a_report_is_found_by_its_fields(world: World, text: str) -> None:
    report = with_field(world)
    assert found(text, world.radiologist) == [report.pk]


def test_a_word_that_only_a_field_has_leaves_its_report_out(world: World) -> None:
    report = with_field(world)
    assert found("nodule -benign", world.radiologist) == [report.pk]
    assert found("nodule -suspicious", world.radiologist) == []


def test_the_line_of_a_field_is_quoted_on_the_page(world: World, client: Client) -> None:
    with_field(world)
    client.force_login(world.radiologist, "allauth.account.auth_backends.AuthenticationBackend")
    assert f"Assessment: {SUSPICIOUS}" in client.get("/reports/", {"q": "bi rads suspicious"}).content.decode()


def test_a_correction_is_found_by_its_reason_and_quotes_it(world: World) -> None:
    report = sign(draft(world), world.radiologist).report
    version = corrected(report, "A nodule on the left.", by=world.radiologist)
    assert found('"side was wrong"', world.radiologist) == [report.pk]
    assert quote(version.content, read("side wrong")) == "The side was wrong"


def test_a_report_is_found_by_the_words_of_its_key_images(world: World) -> None:
    report = draft(world)
    pointed_out(report, world, "2.25.31")
    report.task.key_images.update(label="Spiculated margin")
    version = sign(Report.objects.get(pk=report.pk), world.radiologist)
    assert found("spiculated", world.radiologist) == [report.pk]
    assert quote(version.content, read("spiculated")) == "Spiculated margin"


def as_before(report: Report) -> str:
    """Its row in the index as it was kept without fields; nothing else of it was left out."""
    row = ReportText.objects.get(pk=report.pk)
    gone = words_of(f"Assessment: {SUSPICIOUS}")
    body = row.body.replace(" ".join(gone), "").replace("  ", " ")
    ReportText.objects.filter(pk=report.pk).update(body=body)
    return row.body


def run_migration(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(MIGRATION, "AT_ONCE", 1)
    MIGRATION.say(apps, SimpleNamespace(connection=connection))


def test_reports_of_before_the_update_are_found_by_their_fields_after_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = with_field(world)
    whole = as_before(report)
    assert found("suspicious", world.radiologist) == []
    run_migration(monkeypatch)
    assert found("suspicious", world.radiologist) == [report.pk]
    assert ReportText.objects.get(pk=report.pk).body == whole
    assert mark("site", report.site_id) in whole


def test_the_update_writes_nothing_over_a_version_that_was_signed_while_it_ran(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = with_field(world)
    as_before(report)
    real = MIGRATION.body_of

    def late(*given: Any) -> str:
        ReportText.objects.filter(pk=report.pk).update(body="zzsite1 newer")
        return str(real(*given))

    monkeypatch.setattr(MIGRATION, "body_of", late)
    run_migration(monkeypatch)
    assert ReportText.objects.get(pk=report.pk).body == "zzsite1 newer"
