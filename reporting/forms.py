"""What the report pane sends."""

from __future__ import annotations

import re

from allauth.account.forms import ReauthenticateForm
from allauth.account.internal.flows.reauthentication import reauthenticate_by_password
from allauth.core import ratelimit
from django.http import QueryDict
from django.utils import timezone

from reporting.actions.sign import Proof
from reporting.entries import FieldChanges
from ris.core.errors import InvalidInput
from ris.core.http import SignedInRequest

SECTION, FIELD, UNIT = "section-", "field-", "unit-"
BARE = re.compile(r"[+-]?[0-9.,]+")


def sections_of(data: QueryDict) -> dict[str, str]:
    """The texts by section key."""
    return {name.removeprefix(SECTION): str(data[name]) for name in data if name.startswith(SECTION)}


def fields_of(data: QueryDict) -> FieldChanges:
    """What happened to the fields: typed ones with the unit chosen beside them, left out ones, those taken in again."""
    texts = {name.removeprefix(FIELD): str(data[name]) for name in data if name.startswith(FIELD)}
    typed = {key: _with_unit(text.strip(), str(data.get(UNIT + key, ""))) for key, text in texts.items()}
    return FieldChanges(typed, frozenset(data.getlist("removed")), frozenset(data.getlist("restored")))


def _with_unit(text: str, unit: str) -> str:
    """A bare number takes the unit chosen beside it; one that was typed with its own keeps that."""
    return f"{text} {unit}" if unit and BARE.fullmatch(text) else text


def revision_of(data: QueryDict) -> int:
    """The revision that the writer saw; raises InvalidInput."""
    try:
        return int(data.get("revision", ""))
    except ValueError:
        raise InvalidInput("The page is out of date. Reload it.", fields={"revision": "A whole number."}) from None


def proof_of(request: SignedInRequest) -> Proof:
    """Check the password through the sign-in library, with its rate limit; raises InvalidInput."""
    if not ratelimit.consume(request, action="reauthenticate", user=request.user):
        raise InvalidInput("Too many attempts. Wait a minute.", fields={"password": "Too many attempts."})
    form = ReauthenticateForm(request.POST, user=request.user)
    if not form.is_valid():
        raise InvalidInput("The password is wrong. Nothing was signed.", fields={"password": "Wrong password."})
    reauthenticate_by_password(request)
    return Proof(timezone.now())
