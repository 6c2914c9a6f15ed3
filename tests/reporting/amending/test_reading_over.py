"""Addenda and corrections are read over as reports are, and signed by who has this patient before their eyes."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.utils import timezone

from reporting import open_patient
from reporting.actions import save_draft, sign_report
from reporting.actions.sign import Answers, Proof
from reporting.models import Report
from reporting.reread.reading import remarks
from ris.audit.models import AuditEvent
from tests.exam import draft
from tests.world import PASSWORD, World

pytestmark = pytest.mark.usefixtures("signing_key")
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
UTERUS = {"findings": "The uterus is enlarged.", "impression": "Enlarged uterus."}


@pytest.fixture
def report(world: World) -> Report:
    """A man's final report of a uterus, signed over."""
    begun = draft(world)
    type(begun.task.patient).objects.filter(pk=begun.task.patient_id).update(sex="M")
    save_draft(begun, revision=begun.revision, sections=UTERUS, by=world.radiologist)
    found = Report.objects.select_related("task__patient", "site", "template").get(pk=begun.pk)
    answers = Answers(frozenset(one.key for one in remarks(found)))
    proof = Proof(timezone.now())
    return sign_report(found, revision=found.revision, proof=proof, by=world.radiologist, answers=answers).report


@pytest.fixture
def client(world: World) -> Client:
    found = Client()
    found.force_login(world.radiologist, BACKEND)
    return found


def test_a_placeholder_stops_an_addendum_and_a_doubt_waits_until_it_was_looked_at(
    report: Report, client: Client
) -> None:
    at = f"/reports/{report.pk}/amend/addendum/"
    client.get(at)
    body = {"revision": 0, "seen": 1, "text-0": "The [side] kidney is normal.", "sign": 1, "password": PASSWORD}
    refused = client.post(at, body)
    assert (refused.status_code, report.versions.count()) == (422, 1)
    assert "This has to be changed before it can be signed" in refused.content.decode()
    body |= {"revision": 1, "text-0": "The ovaries are normal."}
    (key,) = re.findall(r'name="accepted" value="([0-9a-f]+)"', client.post(at, body).content.decode())
    assert client.post(at, body | {"revision": 2, "accepted": key}).status_code == 302
    assert AuditEvent.objects.get(action="report.addended").detail["signed_over"] == ["sex"]


def test_a_correction_is_asked_about_its_own_words_and_not_again_about_those_that_were_answered(
    report: Report, client: Client
) -> None:
    at = f"/reports/{report.pk}/amend/correction/"
    page = client.get(at).content.decode()
    texts = {f"text-{number}": "" for number in range(page.count('name="text-'))}
    signed = {"seen": 1, "sign": 1, "password": PASSWORD, "reason": "More to say"} | texts
    said = list(report.versions.get().content["sections"])
    numbers = {section["text"]: number for number, section in enumerate(said)}
    findings, impression = f"text-{numbers[UTERUS['findings']]}", f"text-{numbers[UTERUS['impression']]}"
    more = signed | {findings: UTERUS["findings"], impression: f"{UTERUS['impression']} So are the ovaries."}
    refused = client.post(at, more | {"revision": 0})
    assert refused.status_code == 422
    assert len(re.findall(r'name="accepted"', refused.content.decode())) == 1
    same = signed | {findings: f"{UTERUS['findings']} Nothing else.", impression: UTERUS["impression"]}
    assert client.post(at, same | {"revision": 1}).status_code == 302
    assert report.versions.latest("number").kind == "correction"


def test_who_opened_another_patient_since_signs_neither_addendum_nor_withdrawal_here(
    report: Report, client: Client
) -> None:
    body = {"revision": 0, "seen": 1, "text-0": "Unchanged.", "reason": "Mistake", "sign": 1, "password": PASSWORD}
    for place in ("amend/addendum/", "withdraw/"):
        client.get(f"/reports/{report.pk}/{place}")
        session = client.session
        session[open_patient.KEY] = report.task.patient_id + 1
        session.save()
        assert client.post(f"/reports/{report.pk}/{place}", body).status_code == 409
    assert report.versions.count() == 1
    client.get(f"/reports/{report.pk}/amend/addendum/")
    assert client.post(f"/reports/{report.pk}/amend/addendum/", body | {"revision": 1}).status_code == 302
