"""A passkey of software: the browser's and the device's side of Web Authentication, with real keys and signatures."""

from __future__ import annotations

import json
import secrets
from typing import Any

from allauth.mfa.models import Authenticator
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from django.test import Client
from fido2.cose import ES256
from fido2.utils import sha256, websafe_decode, websafe_encode
from fido2.webauthn import (
    Aaguid,
    AttestationObject,
    AttestedCredentialData,
    AuthenticatorData,
    CollectedClientData,
)

from ris.accounts.models import User

HOST, ORIGIN = "localhost", "http://localhost"
FLAG = AuthenticatorData.FLAG


class SoftPasskey:
    """One key at one host; `verified` of its answers says whether it asked for finger, face or PIN."""

    def __init__(self) -> None:
        self.key, self.handle = ec.generate_private_key(ec.SECP256R1()), secrets.token_bytes(16)

    def made(self, options: dict[str, Any], *, verified: bool = True) -> dict[str, Any]:
        """The answer to `navigator.credentials.create`."""
        public = ES256.from_cryptography_key(self.key.public_key())  # type: ignore[no-untyped-call]
        held = AttestedCredentialData.create(Aaguid.NONE, self.handle, public)
        data = AuthenticatorData.create(sha256(HOST.encode()), flags(verified) | FLAG.AT, 0, held)
        told = client_data("webauthn.create", options, ORIGIN)
        attested = AttestationObject.create("none", data, {})
        return self._as_json(clientDataJSON=told, attestationObject=attested)

    def answer(
        self, options: dict[str, Any], *, origin: str = ORIGIN, host: str = HOST, verified: bool = True, user: str = ""
    ) -> str:
        """The answer to `navigator.credentials.get`."""
        data = AuthenticatorData.create(sha256(host.encode()), flags(verified), 0)
        told = client_data("webauthn.get", options, origin)
        signature = self.key.sign(data + told.hash, ec.ECDSA(SHA256()))
        parts = {"clientDataJSON": told, "authenticatorData": data, "signature": signature}
        return json.dumps(self._as_json(**parts, **({"userHandle": user.encode()} if user else {})))

    def _as_json(self, **response: bytes) -> dict[str, Any]:
        name = websafe_encode(self.handle)
        said = {key: websafe_encode(value) for key, value in response.items()}
        return {"id": name, "rawId": name, "type": "public-key", "response": said, "clientExtensionResults": {}}


def flags(verified: bool) -> AuthenticatorData.FLAG:
    return FLAG.UP | FLAG.UV if verified else FLAG.UP


def client_data(kind: str, options: dict[str, Any], origin: str) -> CollectedClientData:
    return CollectedClientData.create(kind, websafe_decode(options["publicKey"]["challenge"]), origin)


def give_passkey(user: User) -> SoftPasskey:
    """One that the user added some time ago."""
    passkey = SoftPasskey()
    credential = passkey.made({"publicKey": {"challenge": websafe_encode(secrets.token_bytes(32))}})
    Authenticator.objects.create(user=user, type="webauthn", data={"name": "Blue key", "credential": credential})
    return passkey


def browser_of(user: User) -> Client:
    """Signed in, at the address that the soft passkeys know."""
    client = Client(SERVER_NAME=HOST)
    client.force_login(user, "allauth.account.auth_backends.AuthenticationBackend")
    return client


def asked(client: Client, path: str, form: dict[str, Any]) -> dict[str, Any]:
    """What the page fetches before a passkey is used for what `form` would do at `path`."""
    answer = client.post(f"/accounts/passkey/?for={path}", form)
    assert answer.status_code == 200, answer.content
    found: dict[str, Any] = answer.json()
    return found
