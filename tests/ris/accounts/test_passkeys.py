"""Passkeys on the pages of one's account, and at the sign-in."""

from __future__ import annotations

import json

import pytest
from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.models import Authenticator
from django.core import checks
from django.core.cache import cache
from django.test import Client
from pytest_django import Settings

from ris.accounts.models import User
from ris.audit.models import AuditEvent
from tests.passkeys import HOST, SoftPasskey, browser_of, give_passkey
from tests.world import PASSWORD, World

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("unhurried")]
LIST, ADD = "/accounts/2fa/webauthn/", "/accounts/2fa/webauthn/add/"


@pytest.fixture
def unhurried() -> None:
    """No attempts of another test count."""
    cache.clear()


def confirmed(user: User) -> Client:
    """Somebody who has just given the password once more."""
    client = browser_of(user)
    assert client.post("/accounts/reauthenticate/", {"password": PASSWORD}).status_code == 302
    return client


def add(client: Client, *, verified: bool = True) -> SoftPasskey:
    passkey = SoftPasskey()
    options = client.get(ADD).context["js_data"]["creation_options"]
    assert options["publicKey"]["authenticatorSelection"]["userVerification"] == "required"
    made = passkey.made(options, verified=verified)
    client.post(ADD, {"name": "Office computer", "credential": json.dumps(made)})
    return passkey


def test_adding_naming_and_removing_a_passkey_ask_for_the_password_and_are_written_down(world: World) -> None:
    client = browser_of(world.clerk)
    assert "No passkeys yet" in client.get(LIST).content.decode()
    assert client.get(ADD).headers["Location"].startswith("/accounts/reauthenticate/")
    client = confirmed(world.clerk)
    add(client)
    passkey = Authenticator.objects.get(user=world.clerk, type="webauthn")
    assert "Office computer" in client.get(LIST).content.decode()
    client.post(f"{LIST}keys/{passkey.pk}/edit/", {"name": "Blue key"})
    assert "Blue key" in client.get(LIST).content.decode()
    assert browser_of(world.clerk).post(f"{LIST}keys/{passkey.pk}/remove/").status_code == 302
    assert Authenticator.objects.filter(pk=passkey.pk).exists()
    assert "Blue key" in client.get(f"{LIST}keys/{passkey.pk}/remove/").content.decode()
    assert client.post(f"{LIST}keys/{passkey.pk}/remove/").status_code == 302
    assert not Authenticator.objects.filter(user=world.clerk, type="webauthn").exists()
    rows = AuditEvent.objects.filter(action__startswith="session.factor").order_by("pk")
    factors = [(row.action, row.actor_id) for row in rows if row.detail["factor"] == "webauthn"]
    assert factors == [(f"session.factor-{verb}", str(world.clerk.pk)) for verb in ("added", "removed")]


def test_a_key_that_asks_for_no_finger_face_or_pin_is_not_added(world: World) -> None:
    add(confirmed(world.clerk), verified=False)
    assert not Authenticator.objects.filter(user=world.clerk).exists()


def test_nobody_renames_or_removes_the_passkey_of_somebody_else(world: World) -> None:
    give_passkey(world.radiologist)
    key, client = Authenticator.objects.get().pk, confirmed(world.clerk)
    assert [client.post(f"{LIST}keys/{key}/{verb}/").status_code for verb in ("edit", "remove")] == [404, 404]
    assert Authenticator.objects.filter(pk=key).exists()


def test_a_passkey_is_the_second_factor_after_the_password(world: World) -> None:
    passkey, client = give_passkey(world.clerk), Client(SERVER_NAME=HOST)
    asked = client.post("/accounts/login/", {"login": "clerk", "password": PASSWORD}, follow=True)
    assert "Use my passkey" in asked.content.decode()
    assert "_auth_user_id" not in client.session
    options, page = asked.context["js_data"]["request_options"], asked.request["PATH_INFO"]
    client.post(page, {"credential": passkey.answer(options, verified=False)})
    assert "_auth_user_id" not in client.session
    options = client.get(page).context["js_data"]["request_options"]
    client.post(page, {"credential": passkey.answer(options)})
    assert client.session["_auth_user_id"] == str(world.clerk.pk)


def test_a_passkey_signs_in_by_itself_when_it_asked_who_is_there(world: World) -> None:
    passkey, door = give_passkey(world.clerk), f"{LIST}login/"
    for active, verified in ((True, False), (False, True), (True, True)):
        User.objects.filter(pk=world.clerk.pk).update(is_active=active)
        client = Client(SERVER_NAME=HOST)
        options = client.get(door, HTTP_ACCEPT="application/json").json()["request_options"]
        answer = passkey.answer(options, verified=verified, user=user_pk_to_url_str(world.clerk))
        client.post(door, {"credential": answer})
        assert ("_auth_user_id" in client.session) is (active and verified)


def half_answer(client_data: str) -> str:
    """An answer whose parts are there, and say nothing."""
    parts = {"clientDataJSON": client_data, "authenticatorData": "AA", "attestationObject": "AA", "signature": "AA"}
    return json.dumps({"id": "AA", "rawId": "AA", "type": "public-key", "response": {**parts, "userHandle": "AA"}})


UNREADABLE = (half_answer("e30"), half_answer("MQ"), "[1]", "5", "1" * 5000, "[" * 50_000, "no answer")


def test_an_answer_that_cannot_be_read_is_refused_like_a_wrong_one(world: World) -> None:
    give_passkey(world.clerk)
    door, stranger = f"{LIST}login/", Client(SERVER_NAME=HOST)
    for answer in UNREADABLE:
        stranger.get(door, HTTP_ACCEPT="application/json")
        assert "This was not accepted" in stranger.post(door, {"credential": answer}, follow=True).content.decode()
    asked = stranger.post("/accounts/login/", {"login": "clerk", "password": PASSWORD}, follow=True)
    for answer in UNREADABLE:
        refused = stranger.post(asked.request["PATH_INFO"], {"credential": answer}).content.decode()
        assert "This was not accepted" in refused
        assert 'name="credential" value="null"' in refused, "it is not shown again"
    assert "_auth_user_id" not in stranger.session


def test_an_answer_that_cannot_be_read_confirms_and_adds_nothing(world: World) -> None:
    give_passkey(world.clerk)
    page, client = f"{LIST}reauthenticate/", browser_of(world.clerk)
    for answer in UNREADABLE:
        client.get(page)
        assert client.post(page, {"credential": answer}).status_code == 302
    assert client.get(ADD).headers["Location"].startswith("/accounts/reauthenticate/"), "nothing was confirmed"
    client = confirmed(world.clerk)
    for answer in UNREADABLE:
        client.get(ADD)
        refused = client.post(ADD, {"name": "Office computer", "credential": answer})
        assert "This was not accepted" in refused.content.decode()
    assert Authenticator.objects.filter(user=world.clerk).count() == 1


def test_an_administrator_sees_whose_passkey_it_is_and_removes_a_lost_one(world: World) -> None:
    give_passkey(world.clerk)
    key, client = Authenticator.objects.get(), browser_of(User.objects.get(username="admin"))
    assert "Passkey “Blue key”" in client.get("/admin/mfa/authenticator/").content.decode()
    page = f"/admin/mfa/authenticator/{key.pk}/"
    assert key.data["credential"]["rawId"] not in client.get(f"{page}change/").content.decode()
    assert client.post(f"{page}delete/", {"post": "yes"}).status_code == 302
    assert not Authenticator.objects.exists()


@pytest.mark.parametrize(
    ("proof", "address", "told"),
    [
        ("passkey", "http://ris.example", True),
        ("passkey", "https://192.0.2.7", True),
        ("passkey", "https://[2001:db8::1]", True),
        ("passkey", "https://ris.example", False),
        ("passkey", "http://localhost:8000", False),
        ("either", "http://ris.example", False),
    ],
)
def test_reports_that_need_passkeys_need_an_address_that_has_them(
    settings: Settings, proof: str, address: str, told: bool
) -> None:
    settings.SIGNING_PROOF, settings.PUBLIC_URL = proof, address
    found = [one.id for one in checks.run_checks(tags=["security"])]
    assert ("ris.accounts.E002" in found) is told
