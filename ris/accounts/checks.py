"""Whether the addresses of clients are believed where they should be, and nowhere else."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.checks import Warning as Caution


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
