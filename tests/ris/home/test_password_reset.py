from __future__ import annotations

import re
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.mail import EmailMessage
from django.test import Client
from django.urls import reverse

from ris import env
from ris.accounts.models import User
from tests.world import World

ADDRESS = "clara@example.org"


@pytest.fixture
def clara(world: World) -> User:
    User.objects.filter(pk=world.clerk.pk).update(email=ADDRESS)
    return world.clerk


def ask(client: Client, address: str) -> Any:
    return client.post(reverse("account_reset_password"), {"email": address})


def test_the_link_in_the_mail_sets_a_new_password(client: Client, clara: User, mailoutbox: list[EmailMessage]) -> None:
    assert ask(client, ADDRESS).headers["Location"] == reverse("account_reset_password_done")
    link = re.search(r"http://testserver(/accounts/\S+)", str(mailoutbox[0].body))
    assert link is not None
    form = client.get(link.group(1), follow=True)
    new = "a-harbour-full-of-ships"
    client.post(form.request["PATH_INFO"], {"password1": new, "password2": new})
    clara.refresh_from_db()
    assert clara.check_password(new)
    assert "This link is used up" in client.get(link.group(1), follow=True).content.decode()


def test_an_unknown_address_gets_the_same_answer_and_no_mail(
    client: Client, clara: User, mailoutbox: list[EmailMessage]
) -> None:
    known, unknown = ask(client, ADDRESS), ask(client, "nobody@example.org")
    assert (known.status_code, known.headers["Location"]) == (unknown.status_code, unknown.headers["Location"])
    assert [message.to for message in mailoutbox] == [[ADDRESS]]


def test_a_mail_server_that_is_away_is_told_in_words(client: Client, clara: User, settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    response = ask(client, ADDRESS)
    assert response.status_code == 503
    assert "Mail cannot be sent right now" in response.content.decode()


def test_a_mail_address_that_cannot_be_read_stops_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EMAIL_URL", "carrier-pigeon://user:secret@loft")
    with pytest.raises(ImproperlyConfigured, match="EMAIL_URL") as refusal:
        env.mail_server("EMAIL_URL")
    assert "secret" not in str(refusal.value)


def test_a_mail_address_names_its_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EMAIL_URL", "submission://ris:pw@mail.example.org")
    found = env.mail_server("EMAIL_URL")
    assert (found["EMAIL_HOST"], found["EMAIL_PORT"], found["EMAIL_USE_TLS"]) == ("mail.example.org", 587, True)
