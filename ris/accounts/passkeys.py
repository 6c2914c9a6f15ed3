"""Proving who one is with a passkey, for one act (Web Authentication level 3, §7.2).

The server's challenge belongs to a person, a session and the very form that is about to be sent, and is answered once:
it cannot be kept, carried to another browser or used for another text. Fingerprint, face or PIN are always asked for.
"""

from __future__ import annotations

import hashlib
import json
import struct
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.internal import auth
from django.conf import settings
from django.utils import timezone
from fido2.server import Fido2Server
from fido2.utils import websafe_encode
from fido2.webauthn import AuthenticationResponse, UserVerificationRequirement

from ris.accounts.models import PasskeyChallenge, User
from ris.core.errors import InvalidInput
from ris.core.http import SignedInRequest

FIELD = "passkey"
FRESH = timedelta(minutes=5)
# Never part of what is confirmed: what proves who one is, and what changes with the session.
LEFT_OUT = frozenset({"csrfmiddlewaretoken", "password", "passphrase", "pin", FIELD})
NO_PASSKEY = "You have no passkey yet. Add one under your name, “Passkeys”."
UNREADABLE = (TypeError, KeyError, ValueError, IndexError, AttributeError, RecursionError, struct.error)


def has_passkey(user: User) -> bool:
    return Authenticator.objects.filter(user=user, type=Authenticator.Type.WEBAUTHN).exists()


def ask(request: SignedInRequest, path: str) -> dict[str, Any]:
    """The options for `navigator.credentials.get`, for what the posted form would do at `path`. Raises InvalidInput."""
    credentials = auth.get_credentials(request.user)
    if not credentials:
        raise InvalidInput(NO_PASSKEY)
    options, state = _server().authenticate_begin(credentials, UserVerificationRequirement.REQUIRED)
    now = timezone.now()
    PasskeyChallenge.objects.filter(user=request.user, at__lt=now - FRESH).delete()
    PasskeyChallenge.objects.create(
        user=request.user, challenge=state["challenge"], session=_session(request), act=_act(request, path), at=now
    )
    return dict(options)


def prove(request: SignedInRequest) -> Authenticator:
    """The passkey whose answer the form carries; raises InvalidInput. An answer that was looked at is used up."""
    answer = _read(request.POST.get(FIELD, ""))
    asked = _use_up(request, answer)
    if timezone.now() - asked.at > FRESH:
        raise _refusal("That took too long.")
    if (asked.session, asked.act) != (_session(request), _act(request, request.path)):
        raise _refusal("Your passkey confirmed something else than what was sent.")
    _require_sound(request, answer)
    return _verified(request.user, answer, asked)


def _read(text: str) -> AuthenticationResponse:
    try:
        return AuthenticationResponse.from_dict(json.loads(text))
    except UNREADABLE:
        raise _refusal("The answer of your passkey cannot be read.") from None


def _use_up(request: SignedInRequest, answer: AuthenticationResponse) -> PasskeyChallenge:
    """The challenge that is answered. Of two who present the same answer, one gets it."""
    rows = PasskeyChallenge.objects.filter(
        user=request.user, challenge=websafe_encode(answer.response.client_data.challenge)
    )
    found = rows.first()
    if found is None or not rows.filter(pk=found.pk).delete()[0]:
        raise _refusal("This answer of a passkey was used already, or was never asked for.")
    return found


def _require_sound(request: SignedInRequest, answer: AuthenticationResponse) -> None:
    """Given at this very address, not inside another page, and by the person rather than by whoever holds the key."""
    client = answer.response.client_data
    if client.cross_origin or not _is_ours(request, client.origin):
        raise _refusal("Your passkey answered at another address than this one.")
    if not answer.response.authenticator_data.is_user_verified():
        raise _refusal("Your passkey did not ask for your fingerprint, face or PIN.")


def _is_ours(request: SignedInRequest, origin: str) -> bool:
    """A subdomain may share the passkey; it may not share its answers. What is no address at all is not ours."""
    try:
        return urlsplit(origin).netloc == request.get_host() or origin in settings.CSRF_TRUSTED_ORIGINS
    except UNREADABLE:
        return False


def _verified(user: User, answer: AuthenticationResponse, asked: PasskeyChallenge) -> Authenticator:
    found = auth.get_authenticator_by_credential_id(user, answer.raw_id)
    if found is None:
        raise _refusal("This passkey is not one of yours, or it was removed.")
    state = {"challenge": asked.challenge, "user_verification": UserVerificationRequirement.REQUIRED}
    try:
        _server().authenticate_complete(state, auth.get_credentials(user), answer)
    except UNREADABLE:
        raise _refusal("The answer of your passkey does not hold.") from None
    return found


def _server() -> Fido2Server:
    server: Fido2Server = auth.get_server()
    return server


def _refusal(words: str) -> InvalidInput:
    return InvalidInput(words, fields={FIELD: words})


def _session(request: SignedInRequest) -> str:
    return hashlib.sha256((request.session.session_key or "").encode()).hexdigest()


def _act(request: SignedInRequest, path: str) -> str:
    """Digest of where the form goes and of all that it says; browsers differ in how they end lines."""
    said = {name: request.POST.getlist(name) for name in sorted(request.POST) if name not in LEFT_OUT}
    lines = {name: [value.replace("\r\n", "\n") for value in values] for name, values in said.items()}
    return hashlib.sha256(repr((path, sorted(lines.items()))).encode()).hexdigest()
