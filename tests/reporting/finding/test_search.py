"""The archive of reports: found by their words by who may read them, newest first, on both databases."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client

from reporting.finding.query import read
from reporting.finding.record import ReportText
from reporting.finding.search import PAGE, search
from reporting.guards import GUARDS
from reporting.models import Report
from ris.accounts.models import User
from ris.audit.models import AuditEvent
from ris.core.guards import lifted
from tests.exam import draft, sign
from tests.world import World

pytestmark = [pytest.mark.usefixtures("signing_key"), pytest.mark.db]


def found(text: str, user: User, **chosen: str) -> list[int]:
    return search(read(text), user.sites_where("report.view"), chosen).reports


def signed(world: World) -> Report:
    return sign(draft(world), world.radiologist).report


@pytest.mark.parametrize(
    "text",
    ["nodule", "nodul", "NODULE follow", '"right upper lobe"', "three months -fracture", "Rivera", "CT"],
)
def test_a_report_is_found_by_its_words_from_the_signature_on(world: World, text: str) -> None:
    report = draft(world)
    assert found("nodule", world.radiologist) == []
    sign(report, world.radiologist)
    words = text.replace("Rivera", report.task.patient.family_name).replace(
        "CT", report.task.requested_procedures.get().accession_number
    )
    assert found(words, world.radiologist) == [report.pk]


@pytest.mark.parametrize("text", ["fracture", '"upper right lobe"', "nodule -months", "nodulus", "zzsite999"])
def test_what_a_report_does_not_say_does_not_find_it(world: World, text: str) -> None:
    signed(world)
    assert found(text, world.radiologist) == []


def test_nobody_finds_a_report_of_another_site(world: World) -> None:
    report = signed(world)
    assert found("nodule", world.outsider) == []
    assert found(f"nodule zzsite{report.site_id}", world.outsider) == []


def test_a_choice_narrows_and_names_how_many_there_are(world: World) -> None:
    report = signed(world)
    answer = search(read("nodule"), world.radiologist.sites_where("report.view"), {})
    (year,) = answer.facets["year"]
    assert (year.count, answer.count, answer.counted_all) == (1, 1, True)
    assert found("nodule", world.radiologist, year=year.value) == [report.pk]
    assert found("nodule", world.radiologist, year="1999") == []
    assert [choice.name for choice in answer.facets["signer"]] == [world.radiologist.display]


def test_pages_go_on_where_the_last_one_ended(world: World) -> None:
    report = signed(world)
    task, template = report.task, report.template
    with lifted(connection, GUARDS, ("INSERT",)):
        others = Report.objects.bulk_create(
            Report(task=task, site=report.site, template=template, state="final", author_id="1") for _ in range(PAGE)
        )
    ReportText.objects.bulk_create(
        ReportText(report=other, site=report.site, year=2026, signer_id="1", body=f"zzsite{report.site_id} nodule")
        for other in others
    )
    sites = world.radiologist.sites_where("report.view")
    first = search(read("nodule"), sites, {})
    assert (len(first.reports), first.reports[0], first.count) == (PAGE, others[-1].pk, PAGE + 1)
    rest = search(read("nodule"), sites, {}, before=first.older_than)
    assert (rest.reports, rest.older_than) == ([report.pk], None)


def test_the_page_shows_the_sentence_and_says_when_there_is_none(world: World, client: Client) -> None:
    signed(world)
    client.force_login(world.radiologist, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert "A nodule in the right upper lobe." in client.get("/reports/", {"q": "nodul"}).content.decode()
    assert "No report has these words" in client.get("/reports/", {"q": "fracture"}).content.decode()


def test_a_misspelt_name_finds_the_reports_of_the_person_who_was_meant(world: World, client: Client) -> None:
    report = signed(world)
    assert report.task.patient.family_name == "Møller"
    client.force_login(world.radiologist, backend="allauth.account.auth_backends.AuthenticationBackend")
    page = client.get("/reports/", {"q": "Moler"}).content.decode()
    assert "similar name" in page
    assert f"/reports/{report.pk}/" in page


def listed(report: Report, user: User) -> int:
    rows = AuditEvent.objects.filter(action="report.listed", target_id=str(report.pk), actor_id=str(user.pk))
    return rows.filter(patient_id=report.task.patient_id).count()


def test_whose_sentences_the_archive_showed_is_on_record(world: World, client: Client) -> None:
    report = signed(world)
    client.force_login(world.referrer, "allauth.account.auth_backends.AuthenticationBackend")
    client.get("/reports/", {"q": "fracture"})
    assert listed(report, world.referrer) == 0, "nothing of it was shown"
    assert "nodule" in client.get("/reports/", {"q": "nodule"}).content.decode()
    assert listed(report, world.referrer) == 1
    page = client.get("/reports/", {"q": f"{report.task.patient.family_name}x"}).content.decode()
    assert "people with a similar name" in page
    assert listed(report, world.referrer) == 2
    assert client.get("/api/v1/reports/search/", {"q": "nodule"}).json()["results"]
    assert listed(report, world.referrer) == 3
