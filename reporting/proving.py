"""Who signs proves who they are, each time: by password or by passkey, as the house allows (SIGNING_PROOF)."""

from __future__ import annotations

from dataclasses import dataclass

from allauth.account.forms import ReauthenticateForm
from allauth.account.internal.flows.reauthentication import reauthenticate_by_password
from allauth.core import ratelimit
from allauth.mfa.base.internal.flows import post_authentication
from django.utils import timezone

from reporting.actions.sign import Proof, is_accepted, words_against
from ris.accounts import passkeys
from ris.accounts.models import User
from ris.accounts.opened_by import FIELD, require_opener
from ris.core.errors import InvalidInput
from ris.core.http import SignedInRequest

TOO_MANY = "too_many_login_attempts"


@dataclass(frozen=True, slots=True)
class Ways:
    """How somebody may sign; `missing`: only a passkey would do, and there is none."""

    by_password: bool
    by_passkey: bool
    missing: bool


def ways_of(user: User) -> Ways:
    by_password, has = is_accepted("password"), passkeys.has_passkey(user)
    return Ways(by_password, is_accepted("passkey") and has, not by_password and not has)


def proof_of(request: SignedInRequest) -> Proof:
    """Check what the form carries, a passkey's answer or the password, with one rate limit.

    Raises InvalidInput, and AnothersPage when somebody else opened the page.
    """
    require_opener(request.user, request.POST.get(FIELD, ""))
    method = "passkey" if request.POST.get(passkeys.FIELD) else "password"
    if not is_accepted(method):
        raise InvalidInput(f"{words_against(method)} Nothing was signed.", fields={method: words_against(method)})
    if not ratelimit.consume(request, action="reauthenticate", user=request.user):
        raise InvalidInput("Too many attempts. Wait a minute.", fields={method: "Too many attempts."})
    (_by_passkey if method == "passkey" else _by_password)(request)
    return Proof(timezone.now(), method)


def _by_password(request: SignedInRequest) -> None:
    form = ReauthenticateForm(request.POST, user=request.user)
    if form.has_error("password", TOO_MANY):
        words = "The password was wrong too often. Nothing was signed. Try again in five minutes."
        raise InvalidInput(words, fields={"password": "Too many attempts."})
    if not form.is_valid():
        raise InvalidInput("The password is wrong. Nothing was signed.", fields={"password": "Wrong password."})
    reauthenticate_by_password(request)


def _by_passkey(request: SignedInRequest) -> None:
    try:
        used = passkeys.prove(request)
    except InvalidInput as refused:
        words = f"{refused.message} Nothing was signed: please try again."
        raise InvalidInput(words, fields=refused.fields) from None
    post_authentication(request, used, reauthenticated=True)
