"""Giving a program its key: on the token page and by `manage.py issue_token`."""

from __future__ import annotations

from django.db import transaction

from ris import audit
from ris.accounts.models import ApiToken
from ris.core.actors import Actor


@transaction.atomic
def issue(token: ApiToken, *, by: Actor) -> str:
    """Keep a new token; its key is returned this one time."""
    key = token.keep()
    audit.record(
        "security.token-issued", token, by=by, owner=token.user_id, read_only=token.read_only, scopes=token.scopes
    )
    return key
