"""Somebody calls about a report: it is found by what the caller knows, and the addendum says who called."""

from __future__ import annotations

from io import BytesIO

import pytest
from django.test import Client
from django.utils import timezone
from pypdf import PdfReader

from reporting.actions.amend import withdraw_report
from reporting.actions.returning import return_to_author
from reporting.actions.sign import Proof
from reporting.calls.asking import reports_for
from reporting.models import Artifact, Report, ReportVersion
from ris.patients.models import PatientIdentifier
from tests.exam import case, draft, sign
from tests.world import PASSWORD, World
from worklist.models import ReadingTask

pytestmark = [pytest.mark.db, pytest.mark.usefixtures("signing_key")]


@pytest.fixture
def client(world: World) -> Client:
    client = Client()
    client.force_login(world.radiologist)
    return client


def signed(world: World, family: str = "Møller", given: str = "Åse") -> Report:
    patient = world.patient(family, given)
    task = case(world, world.requested(world.order(patient)))
    return sign(draft(world, task=task), world.radiologist).report


def test_each_of_what_a_caller_knows_opens_the_only_report(world: World, client: Client) -> None:
    report = signed(world)
    signed(world, "Other", "Person")
    number = PatientIdentifier.objects.get(patient=report.task.patient).value
    accession = report.versions.get().accession_numbers[0]
    for words in (accession, accession.lower(), number, "moller ase", "  Møller "):
        answer = client.get("/reports/call-back/", {"q": words})
        assert answer.headers["Location"] == f"/reports/{report.pk}/?call=1", words


def listed(client: Client, words: str) -> str:
    """The page; fails where a report is opened at once."""
    answer = client.get("/reports/call-back/", {"q": words})
    assert answer.status_code == 200, f"{words} opened {answer.headers.get('Location')}"
    return answer.content.decode()


def test_the_report_of_another_whose_name_sounds_alike_is_never_opened_unasked(world: World, client: Client) -> None:
    draft(world, task=case(world, world.requested(world.order(world.patient("Mahler", "Anna")))))
    signed(world, "Mohler", "Anna")
    page = listed(client, "Mahler")
    assert "Mohler, Anna" in page
    assert "people with a similar name" in page
    assert "1961-05-17" in page, "the caller is asked for the date of birth"
    assert "people with a similar name" in listed(client, "Mohl"), "the beginning of a name may be another's too"


def test_of_two_people_with_one_name_the_only_report_is_not_opened_unasked(world: World, client: Client) -> None:
    world.patient("Mohler", "Anna")
    signed(world, "Mohler", "Berta")
    page = listed(client, "Mohler")
    assert "Mohler, Berta" in page
    assert "people with a similar name" not in page
    assert client.get("/reports/call-back/", {"q": "Mohler Berta"}).status_code == 302


def test_a_number_that_two_people_have_opens_nobodys_report(world: World, client: Client) -> None:
    report = signed(world, "Mohler", "Berta")
    other = world.patient("Other", "Person")
    number = PatientIdentifier.objects.get(patient=report.task.patient).value
    PatientIdentifier.objects.create(patient=other, issuer="ELSEWHERE", value=number)
    assert "Mohler, Berta" in listed(client, number)
    accession = report.versions.get().accession_numbers[0]
    PatientIdentifier.objects.create(patient=other, issuer="ELSEWHERE", value=accession)
    assert "Mohler, Berta" in listed(client, accession)


def test_several_are_listed_the_newest_first_with_the_addendum_one_key_away(world: World, client: Client) -> None:
    patient = world.patient()
    first, second = (
        sign(draft(world, task=case(world, world.requested(world.order(patient)))), world.radiologist).report
        for _ in range(2)
    )
    assert reports_for("Møller", world.radiologist).reports == [second, first]
    page = client.get("/reports/call-back/", {"q": "Møller"}).content.decode()
    assert page.count('data-row-shortcut="a"') == 2


def test_drafts_and_other_sites_reports_are_not_found(world: World, client: Client) -> None:
    draft(world)
    assert reports_for("Møller", world.radiologist).reports == []
    signed(world)
    assert len(reports_for("Møller", world.radiologist).reports) == 1
    assert reports_for("Møller", world.outsider).reports == []
    assert "No report is known" in client.get("/reports/call-back/", {"q": "Nobody"}).content.decode()


def test_a_caller_with_a_withdrawn_report_in_hand_hears_that_it_was_withdrawn(world: World, client: Client) -> None:
    report = signed(world)
    accession = report.versions.get().accession_numbers[0]
    withdraw_report(report, reason="Another patient", proof=Proof(timezone.now()), by=world.radiologist)
    asked = reports_for(accession, world.referrer)
    assert (asked.reports, asked.others, asked.sure) == ([], [report], False)
    page = listed(client, accession)
    assert "Withdrawn on" in page
    assert f"by {world.radiologist.display}: it does not count" in page
    assert 'data-row-shortcut="a"' not in page
    again = sign(draft(world, task=ReadingTask.objects.get(pk=report.task_id)), world.radiologist).report
    page = listed(client, accession)
    assert page.index(f'href="/reports/{again.pk}/') < page.index(f'href="/reports/{report.pk}/')
    assert page.count('data-row-shortcut="a"') == 1, "the new report is the one to add to"


def test_a_preliminary_report_is_said_to_be_not_final_yet(world: World, client: Client) -> None:
    version = sign(draft(world, by=world.resident), world.resident, "preliminary")
    page = listed(client, version.accession_numbers[0])
    assert "Preliminary: not final yet" in page
    assert 'data-row-shortcut="a"' not in page
    return_to_author(version.report, comment="The side?", by=world.radiologist)
    ward = Client()
    ward.force_login(world.referrer)
    assert "Preliminary: not final yet" in listed(ward, version.accession_numbers[0])


def test_an_addendum_after_a_call_says_who_called_and_when(world: World, client: Client) -> None:
    report = signed(world)
    path = f"/reports/{report.pk}/amend/addendum/"
    page = client.get(path, {"call": "1"}).content.decode()
    assert 'type="datetime-local"' in page
    typed = {"revision": "0", "seen": "1", "text-0": "Seen in 2019.", "caller": "Dr. Ward, 4 West", "sign": "1"}
    without = client.post(path, {**typed, "password": PASSWORD})
    assert without.status_code == 422
    assert "When was the call?" in without.content.decode()
    typed["revision"] = "1"  # what cannot be signed yet is kept all the same
    answer = client.post(path, {**typed, "called_at": "2026-01-02T09:30", "password": PASSWORD})
    assert answer.status_code == 302
    version = ReportVersion.objects.get(kind="addendum")
    own = version.content["addenda"][0]
    assert (own["caller"], own["called_at"]) == ("Dr. Ward, 4 West", "2026-01-02T09:30+01:00")
    body = bytes(Artifact.objects.get(version=version, kind="pdf").body)
    assert "Call from Dr. Ward, 4 West, 2026-01-02 09:30." in PdfReader(BytesIO(body)).pages[0].extract_text()


def test_an_amendment_that_was_saved_elsewhere_shows_both_texts(world: World, client: Client) -> None:
    report = signed(world)
    path = f"/reports/{report.pk}/amend/addendum/"
    client.get(path)
    assert client.post(path, {"revision": "0", "seen": "1", "text-0": "Saved first.", "save": "1"}).status_code == 302
    late = client.post(path, {"revision": "0", "seen": "1", "text-0": "Typed later.", "save": "1"})
    assert late.status_code == 409
    page = late.content.decode()
    assert "Saved first." in page
    assert "Typed later." in page
    assert 'name="revision" value="1"' in page
