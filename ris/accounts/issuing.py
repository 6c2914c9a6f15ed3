"""Giving a program its key and taking it back: on the token page, by the API and by `manage.py issue_token`."""

from __future__ import annotations

from typing import Final

from django.db import transaction

from ris import audit
from ris.accounts.configuring import require_configure
from ris.accounts.models import ApiToken
from ris.accounts.scopes import EVERYTHING, writes
from ris.core.actors import Actor
from ris.core.errors import NotPermitted

WIDER: Final = "This token gives no key that may do more, or lasts longer, than it does itself."


@transaction.atomic
def issue(token: ApiToken, *, by: Actor, within: ApiToken | None = None) -> str:
    """Keep a new token; its key is returned this one time. Whoever came with a token issues only `within` it.

    Raises NotPermitted.
    """
    if within is not None:
        _require_within(token, within)
    if EVERYTHING not in token.scopes:
        token.read_only = not writes(token.scopes)
    key = token.keep()
    audit.record(
        "security.token-issued", token, by=by, owner=token.user_id, read_only=token.read_only, scopes=token.scopes
    )
    return key


@transaction.atomic
def revoke(token: ApiToken, *, by: Actor) -> None:
    """It opens nothing any more. Raises NotPermitted."""
    require_configure(by)
    audit.record("security.token-revoked", token, by=by, owner=token.user_id, name=token.name)
    token.delete()


def _require_within(token: ApiToken, within: ApiToken) -> None:
    narrower = EVERYTHING in within.scopes or _reached(token.scopes) <= _reached(within.scopes)
    if not narrower or token.expires_at > within.expires_at:
        raise NotPermitted(WIDER)


def _reached(scopes: list[str]) -> set[str]:
    """What they come to: who may change an area sees it too."""
    return {*scopes, *(f"{scope.removesuffix(':write')}:read" for scope in scopes if scope.endswith(":write"))}
