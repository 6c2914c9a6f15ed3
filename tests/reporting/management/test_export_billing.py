"""Billing: what was signed, corrected and withdrawn, day by day of the site."""

from __future__ import annotations

import csv
from datetime import date, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from reporting.actions.amend import withdraw_report
from reporting.actions.sign import Proof
from reporting.models import ReportVersion
from ris.accounts.models import Site
from ris.audit.models import AuditEvent
from ris.demo.seed import make_signing_key
from ris.orders.models import BillingCode, Procedure
from tests import exam
from tests.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.db]


def exported(site: str = "north", days: int = 0) -> list[dict[str, str]]:
    day = (timezone.now() + timedelta(days=days)).date()
    out = StringIO()
    first, last = (day - timedelta(days=1)).isoformat(), (day + timedelta(days=1)).isoformat()
    call_command("export_billing", site, "--from", first, "--to", last, stdout=out)
    return list(csv.DictReader(StringIO(out.getvalue())))


@pytest.fixture
def signed(world: World) -> ReportVersion:
    make_signing_key()
    procedure = Procedure.objects.get(code="CTCHEST")
    BillingCode.objects.create(procedure=procedure, scheme="CPT", code="71250")
    BillingCode.objects.create(procedure=procedure, scheme="EBM", code="34330", quantity=2)
    return exam.sign(exam.draft(world), world.radiologist)


def test_each_billing_code_of_a_signed_exam_is_a_row(signed: ReportVersion) -> None:
    rows = exported()
    assert [(row["event"], row["scheme"], row["code"], row["quantity"]) for row in rows] == [
        ("signed", "CPT", "71250", "1"),
        ("signed", "EBM", "34330", "2"),
    ]
    assert {row["accession"] for row in rows} == set(signed.accession_numbers)
    assert {row["signer"] for row in rows} == {"Dr. Rita Radiologist"}


def test_a_preliminary_report_that_was_withdrawn_cost_nothing_and_takes_nothing_back(world: World) -> None:
    make_signing_key()
    version = exam.sign(exam.draft(world), world.radiologist, "preliminary")
    withdraw_report(version.report, reason="Another patient", proof=Proof(timezone.now()), by=world.radiologist)
    assert exported() == []


def test_a_withdrawal_takes_back_and_a_correction_costs_nothing(signed: ReportVersion) -> None:
    for number, kind in ((2, "correction"), (3, "addendum"), (4, "withdrawal")):
        ReportVersion.objects.create(
            report=signed.report, number=number, kind=kind, content={}, content_sha256=str(number) * 64,
            study_instance_uid=signed.study_instance_uid, created_at=timezone.now(),
        )  # fmt: skip
    told = [(row["event"], row["quantity"]) for row in exported() if row["scheme"] == "EBM"]
    assert told == [("signed", "2"), ("corrected", "0"), ("cancelled", "-2")]


def test_an_exam_without_a_code_is_not_forgotten(signed: ReportVersion) -> None:
    BillingCode.objects.all().delete()
    assert [(row["procedure"], row["code"], row["quantity"]) for row in exported()] == [("CTCHEST", "", "0")]


def test_other_sites_and_other_days_are_not_told(signed: ReportVersion) -> None:
    assert exported("south") == []
    assert exported(days=-9) == []


@pytest.mark.parametrize(
    "asked", [("nowhere", "2026-01-01", "2026-01-02"), ("north", "2026-01-02", "2026-01-01")], ids=["site", "days"]
)
def test_a_senseless_question_is_refused(asked: tuple[str, str, str], world: World) -> None:
    with pytest.raises(CommandError):
        call_command("export_billing", asked[0], "--from", asked[1], "--to", asked[2])


def days_of(site: Site, first: date, last: date) -> dict[str, str]:
    return {"site": str(site.pk), "first": first.isoformat(), "last": last.isoformat()}


def test_the_page_shows_and_downloads_the_same_rows(signed: ReportVersion, world: World) -> None:
    client, day = Client(), timezone.localdate()
    client.force_login(world.siteadmin)
    asked = days_of(world.north, day - timedelta(days=1), day + timedelta(days=1))
    page = client.get("/reports/billing/", asked)
    assert [(row.scheme, row.code) for row in page.context["rows"]] == [("CPT", "71250"), ("EBM", "34330")]
    table = client.get("/reports/billing/", {**asked, "as": "csv"})
    assert list(csv.DictReader(StringIO(table.content.decode()))) == exported()
    assert AuditEvent.objects.filter(action="report.billing-exported", actor_id=str(world.siteadmin.pk)).count() == 1


def test_days_the_wrong_way_round_and_anothers_site_are_told_beside_the_field(world: World) -> None:
    client = Client()
    client.force_login(world.siteadmin)
    day = timezone.localdate()
    turned = client.get("/reports/billing/", days_of(world.north, day, day - timedelta(days=1)))
    assert (turned.status_code, list(turned.context["form"].errors)) == (422, ["last"])
    foreign = client.get("/reports/billing/", days_of(world.south, day, day))
    assert (foreign.status_code, list(foreign.context["form"].errors)) == (422, ["site"])
