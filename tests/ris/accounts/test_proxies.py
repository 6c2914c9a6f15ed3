"""Behind proxies the client is whom the outermost of ours saw."""

from __future__ import annotations

import pytest
from django.core import checks
from django.core.cache import cache
from django.test import Client, RequestFactory
from pytest_django import Settings

from ris.audit.models import AuditEvent
from ris.core.middleware import client_address
from tests.world import World


@pytest.mark.parametrize(
    ("count", "header", "expected"),
    [
        (0, "10.0.0.9", "127.0.0.1"),
        (1, "10.0.0.9", "10.0.0.9"),
        (1, "1.2.3.4, 10.0.0.9", "10.0.0.9"),
        (2, "1.2.3.4, 10.0.0.9, 172.16.0.1", "10.0.0.9"),
        (2, "10.0.0.9", "127.0.0.1"),
        (1, "", "127.0.0.1"),
    ],
)
def test_only_trusted_proxies_name_the_client(settings: Settings, count: int, header: str, expected: str) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = count
    assert client_address(RequestFactory().get("/", HTTP_X_FORWARDED_FOR=header)) == expected


def test_the_audit_trail_names_the_client_and_not_the_proxy(world: World, client: Client, settings: Settings) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    client.force_login(world.clerk)
    client.get("/audit/", HTTP_X_FORWARDED_FOR="6.6.6.6, 10.0.0.9")
    assert AuditEvent.objects.filter(action="security.refused").latest("pk").source == "10.0.0.9"


def test_each_client_behind_the_proxy_has_its_own_limit(world: World, client: Client, settings: Settings) -> None:
    cache.clear()
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    settings.ACCOUNT_RATE_LIMITS = {"decline_messages": "1/m/ip"}

    def ask(header: str) -> int:
        return client.post("/patients/messages/guess/", HTTP_X_FORWARDED_FOR=header).status_code

    assert [ask("10.0.0.1"), ask("10.0.0.1"), ask("10.0.0.2"), ask("9.9.9.9, 10.0.0.1")] == [404, 429, 404, 429]
    cache.clear()


@pytest.mark.parametrize(
    ("trusted", "count", "found"),
    [
        (True, 1, set()),
        (False, 0, set()),
        (True, 0, {"ris.accounts.W001"}),
        (False, 1, {"ris.accounts.W002"}),
        (True, -1, {"ris.accounts.E001"}),
    ],
)
def test_a_wrong_number_of_proxies_is_told(settings: Settings, trusted: bool, count: int, found: set[str]) -> None:
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if trusted else None
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = count
    told = {str(message.id) for message in checks.run_checks() if str(message.id).startswith("ris.accounts")}
    assert told == found
