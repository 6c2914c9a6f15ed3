"""Who signs proves who they are: by password or by passkey, for this one signature, as the house allows."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from reporting.actions.sign import Proof, sign_report
from reporting.models import Report
from reporting.numbers import numbers_of
from ris.accounts.models import PasskeyChallenge
from ris.audit.models import AuditEvent
from ris.core.errors import NotPermitted
from tests.exam import draft, sign
from tests.passkeys import SoftPasskey, asked, browser_of, give_passkey
from tests.world import PASSWORD, World

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("signing_key", "unhurried")]


@pytest.fixture
def unhurried() -> None:
    """No attempts of another test count."""
    cache.clear()


def form_of(report: Report, **more: Any) -> dict[str, Any]:
    seen = numbers_of(Report.objects.select_related("task", "template").get(pk=report.pk))["numbers_version"]
    return {"revision": report.revision, "numbers": seen, "kind": "final", **more}


def path_of(report: Report) -> str:
    return f"/reports/{report.pk}/sign/"


def posted(client: Client, report: Report, form: dict[str, Any], answer: str) -> tuple[int, str]:
    said = client.post(path_of(report), form | {"passkey": answer})
    return said.status_code, said.content.decode()


def state_of(report: Report) -> str:
    return str(Report.objects.values_list("state", flat=True).get(pk=report.pk))


def proofs() -> list[str]:
    rows = AuditEvent.objects.filter(action__in=("report.signed", "report.addended", "report.withdrawn"))
    return [row.detail["proof"] for row in rows.order_by("pk")]


@pytest.mark.db
def test_a_passkey_signs_once_and_the_trail_says_that_it_did(world: World) -> None:
    report, passkey, client = draft(world), give_passkey(world.radiologist), browser_of(world.radiologist)
    form = form_of(report)
    answer = passkey.answer(asked(client, path_of(report), form))
    assert posted(client, report, form, answer)[0] == 200
    assert (state_of(report), proofs()) == ("final", ["passkey"])
    other = draft(world)
    status, words = posted(client, other, form_of(other), answer)
    assert (status, state_of(other)) == (422, "draft")
    assert "used already" in words


def test_an_answer_that_is_not_whole_signs_nothing(world: World) -> None:
    report, passkey, client = draft(world), give_passkey(world.radiologist), browser_of(world.radiologist)
    form = form_of(report)
    faults: list[tuple[dict[str, Any], str]] = [
        ({"verified": False}, "fingerprint, face or PIN"),
        ({"origin": "http://evil.localhost"}, "at another address"),
        ({"origin": "https://localhost.evil.example"}, "at another address"),
        ({"origin": "http://["}, "at another address"),
        ({"host": "evil.example"}, "does not hold"),
    ]
    for fault, words in faults:
        status, said = posted(client, report, form, passkey.answer(asked(client, path_of(report), form), **fault))
        assert (status, state_of(report)) == (422, "draft")
        assert words in said
        assert "Nothing was signed" in said


def test_a_passkey_of_somebody_else_signs_nothing(world: World) -> None:
    report, mine, client = draft(world), give_passkey(world.radiologist), browser_of(world.radiologist)
    other, form = give_passkey(world.resident), form_of(report)
    assert "not one of yours" in posted(client, report, form, other.answer(asked(client, path_of(report), form)))[1]
    forged = SoftPasskey()
    forged.handle = mine.handle
    assert "does not hold" in posted(client, report, form, forged.answer(asked(client, path_of(report), form)))[1]
    theirs = asked(browser_of(world.resident), path_of(report), form)
    assert "never asked for" in posted(client, report, form, mine.answer(theirs))[1]
    assert state_of(report) == "draft"


def test_an_answer_holds_for_one_form_one_session_and_a_few_minutes(world: World) -> None:
    report, passkey, client = draft(world), give_passkey(world.radiologist), browser_of(world.radiologist)
    form = form_of(report)
    for changed in (form | {"kind": "preliminary"}, form | {"revision": report.revision + 1}):
        answer = passkey.answer(asked(client, path_of(report), changed))
        assert "something else" in posted(client, report, form, answer)[1]
    withdrawing = passkey.answer(asked(client, f"/reports/{report.pk}/withdraw/", form))
    assert "something else" in posted(client, report, form, withdrawing)[1]
    elsewhere = passkey.answer(asked(browser_of(world.radiologist), path_of(report), form))
    assert "something else" in posted(client, report, form, elsewhere)[1]
    late = passkey.answer(asked(client, path_of(report), form))
    PasskeyChallenge.objects.update(at=timezone.now() - timedelta(minutes=6))
    assert "too long" in posted(client, report, form, late)[1]
    assert state_of(report) == "draft"


def test_an_answer_that_cannot_be_read_signs_nothing(world: World) -> None:
    report, client = draft(world), browser_of(world.radiologist)
    give_passkey(world.radiologist)
    half = '{"rawId": "", "response": {"clientDataJSON": "e30"}}'
    for answer in ("x", "[]", "{}", half, "1" * 5000, "[" * 200_000):
        status, words = posted(client, report, form_of(report), answer)
        assert (status, state_of(report)) == (422, "draft")
        assert "cannot be read" in words


@pytest.mark.parametrize("door", ["addendum", "withdraw", "batch"])
def test_a_passkey_opens_every_door_where_something_is_signed(world: World, door: str) -> None:
    passkey, client, report = give_passkey(world.radiologist), browser_of(world.radiologist), draft(world)
    if door != "batch":
        sign(report, world.radiologist)
    doors: dict[str, tuple[str, dict[str, Any]]] = {
        "addendum": (
            f"/reports/{report.pk}/amend/addendum/",
            {"revision": 0, "seen": 1, "text-0": "It was there\r\nin 2019.", "sign": "1"},
        ),
        "withdraw": (f"/reports/{report.pk}/withdraw/", {"reason": "Images of another patient"}),
        "batch": ("/reports/to-sign/", {"report": f"{report.pk}:{report.revision}"}),
    }
    path, form = doors[door]
    page = client.get(path).content.decode()
    assert f'data-proof="{path}"' in page
    assert 'name="passkey"' in page
    answer = passkey.answer(asked(client, path, form))
    assert client.post(path, form | {"passkey": answer}).status_code in (200, 302)
    assert state_of(report) == {"addendum": "appended", "withdraw": "entered-in-error", "batch": "final"}[door]
    assert proofs()[-1] == "passkey"


def test_what_was_ticked_stays_ticked_when_a_proof_is_refused(world: World) -> None:
    report = draft(world)
    form = {"report": f"{report.pk}:{report.revision}", "password": "wrong"}
    assert " checked" in browser_of(world.radiologist).post("/reports/to-sign/", form).content.decode()


def test_where_only_passkeys_count_a_password_signs_nothing(world: World, settings: Settings) -> None:
    settings.SIGNING_PROOF = "passkey"
    report, client = draft(world), browser_of(world.radiologist)
    page = client.get("/reports/to-sign/").content.decode()
    assert "you have none yet" in page
    assert "/accounts/2fa/webauthn/add/" in page
    assert 'type="password"' not in page
    refused = client.post(path_of(report), form_of(report, password=PASSWORD))
    assert (refused.status_code, state_of(report)) == (422, "draft")
    assert "signed with a passkey here" in refused.content.decode()
    with pytest.raises(NotPermitted, match="passkey"):
        sign_report(report, revision=report.revision, proof=Proof(timezone.now()), by=world.radiologist)
    passkey, form = give_passkey(world.radiologist), form_of(report)
    assert posted(client, report, form, passkey.answer(asked(client, path_of(report), form)))[0] == 200


def test_where_only_the_password_counts_no_passkey_is_offered(world: World, settings: Settings) -> None:
    settings.SIGNING_PROOF = "password"
    report, passkey, client = draft(world), give_passkey(world.radiologist), browser_of(world.radiologist)
    assert 'name="passkey"' not in client.get("/reports/to-sign/").content.decode()
    form = form_of(report)
    status, words = posted(client, report, form, passkey.answer(asked(client, path_of(report), form)))
    assert (status, state_of(report)) == (422, "draft")
    assert "with the password here" in words
    assert client.post(path_of(report), form | {"password": PASSWORD}).status_code == 200
    assert proofs() == ["password"]


def test_a_passkey_is_not_asked_for_without_end(world: World, settings: Settings) -> None:
    settings.ACCOUNT_RATE_LIMITS = {"passkey": "1/m/user", "reauthenticate": "1/m/user"}
    give_passkey(world.radiologist)
    client, report = browser_of(world.radiologist), draft(world)
    asked(client, path_of(report), {})
    assert "Too many attempts" in client.post("/accounts/passkey/").content.decode()
    posted(client, report, form_of(report), "x")
    assert "Too many attempts" in posted(client, report, form_of(report), "x")[1]
    assert "no passkey yet" in browser_of(world.resident).post("/accounts/passkey/").content.decode()


def mistype(client: Client, report: Report, times: int) -> str:
    """What the page says the last time."""
    form = form_of(report, password="not it")
    return [client.post(path_of(report), form).content.decode() for _ in range(times)][-1]


def test_nobody_is_kept_from_signing_because_others_at_the_same_address_mistype(world: World) -> None:
    sign_in = {"login": "nobody", "password": "not it"}
    for number in range(11):
        Client().post("/accounts/login/", sign_in | {"login": f"nobody{number}"})
    report = draft(world)
    signed = browser_of(world.radiologist).post(path_of(report), form_of(report, password=PASSWORD))
    assert (signed.status_code, state_of(report)) == (200, "final")


def test_wrong_passwords_are_counted_by_person_and_told_apart_from_one_wrong_password(
    world: World, settings: Settings
) -> None:
    settings.ACCOUNT_RATE_LIMITS = {"reauthenticate_failed": "3/300s/user"}
    report, client = draft(world), browser_of(world.radiologist)
    assert "The password is wrong" in mistype(client, report, 3)
    assert "wrong too often" in client.post(path_of(report), form_of(report, password=PASSWORD)).content.decode()
    assert state_of(report) == "draft"
    cache.clear()
    assert client.post(path_of(report), form_of(report, password=PASSWORD)).status_code == 200
