"""What can be wrong with a token, and what to do about it, in words."""

from __future__ import annotations

from typing import Final

from reporting.signing.errors import SigningKeyError
from reporting.signing.token.place import TokenKey

SENTENCES: Final = {
    "no-file": "The token's driver {module} is not there: install it, or correct SIGNING_PKCS11_MODULE.",
    "relative": "SIGNING_PKCS11_MODULE must be the whole path of the driver, from / on, not {module}.",
    "no-library": "Python's package for tokens is not installed: install python-pkcs11.",
    "no-driver": "{module} is no PKCS#11 driver that works here: correct SIGNING_PKCS11_MODULE, or set up the driver.",
    "no-token": "There is no token “{token}”: connect it, or correct its label.",
    "two-tokens": "There is more than one token “{token}”: remove the others, or give them other labels.",
    "pin-wrong": "The token “{token}” refused the PIN. It is not tried again: correct the PIN.",
    "pin-tries": "The token “{token}” refused {detail} PINs: no other is tried before an administrator releases one.",
    "pin-locked": "The PIN of the token “{token}” is locked: unlock it with the token's own tools.",
    "pin-expired": "The PIN of the token “{token}” has to be changed: give it a new one with the token's own tools.",
    "pin-unset": "The token “{token}” has no user PIN yet: finish setting it up with its own tools.",
    "pin-last-try": "The token “{token}” takes only one more PIN: make sure of it with the token's own tools first.",
    "no-pin": "There is no PIN for the token “{token}”, and without one there is no key {key} on it.",
    "no-key": "There is no signing key {key} on the token “{token}”: correct its label or id.",
    "two-keys": "There is more than one key {key} on the token “{token}”: name it by its id.",
    "no-certificate": "The token “{token}” holds no certificate for the key {key}: put it there under the key's id.",
    "other-certificate": "The token “{token}” has another certificate now for the key {key}: take the key in again.",
    "unlike": "The key {key} on the token “{token}” does not belong to its certificate: give both the same id.",
    "mechanism": "The token “{token}” cannot sign with the key {key}: it must be elliptic or RSA, and allowed to sign.",
    "gone": "The token “{token}” went away while it was needed: connect it again.",
    "silent": "The token “{token}” did not answer in time: look whether it is connected and its service runs.",
    "no-turn": "The folder that keeps the order of questions to tokens cannot be used ({detail}): look into DATA_DIR.",
    "no-process": "The program that speaks with the token “{token}” cannot be started ({detail}): look at the server.",
    "busy": "The token “{token}” is busy: try again in a moment.",
    "crashed": "The driver of the token “{token}” crashed: ask its maker for a newer one.",
    "refused": "The token “{token}” failed ({detail}): look into its own log.",
}

PIN_REFUSED: Final = frozenset({"pin-wrong", "pin-locked", "pin-expired", "pin-unset"})
"""After these the same PIN is of no use: to try it again may lock the token."""


class TokenFault(SigningKeyError):
    """The token cannot sign; `code` is one of SENTENCES."""

    def __init__(self, code: str, key: TokenKey, detail: str = "") -> None:
        self.code = code
        words = SENTENCES[code].format(module=key.module, token=key.token, key=key.name, detail=detail)
        super().__init__(words)


class PinRefused(TokenFault):
    """The token did not take the PIN, which must not be tried again as it is."""


def fault(code: str, key: TokenKey, detail: str = "") -> TokenFault:
    """The fault of this code; one that nobody foresaw is told by its name."""
    if code not in SENTENCES:
        return TokenFault("refused", key, detail or code)
    return (PinRefused if code in PIN_REFUSED else TokenFault)(code, key, detail)
