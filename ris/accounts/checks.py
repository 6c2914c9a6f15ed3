"""Whether addresses are what they should be: of clients, believed where they are true; our own, fit for passkeys."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.checks import Warning as Caution

NUMBERS = re.compile(r"[0-9.]+|.*:.*")


@register(Tags.security)
def proxies(app_configs: Sequence[Any] | None, **_options: object) -> list[CheckMessage]:
    """Limits of sign-in are per address: of a proxy everybody's, of a forged header nobody's."""
    count, trusted = settings.ALLAUTH_TRUSTED_PROXY_COUNT, settings.SECURE_PROXY_SSL_HEADER is not None
    if count < 0:
        hint = "Set it to the number of proxies in front, each of which appends to X-Forwarded-For."
        return [Error("TRUSTED_PROXY_COUNT is negative.", hint=hint, id="ris.accounts.E001")]
    if trusted and not count:
        hint = "Set TRUSTED_PROXY_COUNT to the number of proxies in front. Otherwise all clients share one limit."
        return [Caution("TRUST_PROXY is set, but clients have no addresses.", hint=hint, id="ris.accounts.W001")]
    if count and not trusted:
        hint = "Set TRUST_PROXY when a proxy stands in front, or TRUSTED_PROXY_COUNT to 0 when none does."
        message = "X-Forwarded-For is believed, though no proxy is trusted: clients could name any address."
        return [Caution(message, hint=hint, id="ris.accounts.W002")]
    return []


@register(Tags.security)
def passkeys(app_configs: Sequence[Any] | None, **_options: object) -> list[CheckMessage]:
    """Browsers give passkeys to a name with https, and to localhost: where reports need one, nobody could sign."""
    address = urlsplit(settings.PUBLIC_URL)
    named = address.hostname == "localhost" or (
        address.scheme == "https" and not NUMBERS.fullmatch(address.hostname or "0")
    )
    if settings.SIGNING_PROOF != "passkey" or named:
        return []
    hint = "Set PUBLIC_URL to a name with https, or SIGNING_PROOF to either."
    message = "Reports are signed with passkeys, which do not work at PUBLIC_URL."
    return [Error(message, hint=hint, id="ris.accounts.E002")]
