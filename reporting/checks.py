"""What is wrong with the settings of a signing key on a token; with `--deploy` the token itself is asked."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.checks import Warning as Caution
from django.db import Error as DatabaseError

from reporting.keys import watch
from reporting.keys.tokens import house_certificates
from reporting.signing import SigningKeyError
from reporting.signing.token.signer import certificates_of

NAMES: Final = ("TOKEN", "KEY", "KEY_ID", "TOKEN_PIN", "CERTIFICATES")


@register(Tags.security)
def token_settings(app_configs: Sequence[Any] | None, **_options: object) -> list[CheckMessage]:
    """Half a configuration must not look like one. Settings and files only: no PIN is tried."""
    given = {name for name in NAMES if getattr(settings, f"SIGNING_PKCS11_{name}")}
    faults = [*_about_driver(given), *_about_key(given)]
    return [Error(words, hint=hint, id="reporting.E001") for words, hint in faults]


def _about_driver(given: set[str]) -> list[tuple[str, str]]:
    module = settings.SIGNING_PKCS11_MODULE
    if not module:
        hint = "Set SIGNING_PKCS11_MODULE to the path of the driver, or remove the others."
        return [("A token is named for signing, and no driver for it.", hint)] if given else []
    if not Path(module).is_absolute():
        words = f"SIGNING_PKCS11_MODULE must be the whole path of the driver, from / on, not {module}."
        return [(words, "Such as /usr/lib/softhsm/libsofthsm2.so.")]
    if not Path(module).is_file():
        return [(f"SIGNING_PKCS11_MODULE: there is no file {module}.", "Install the token's driver, or correct it.")]
    return []


def _about_key(given: set[str]) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    if given and "TOKEN" not in given:
        found.append(("A key on a token is named, and no token.", "Set SIGNING_PKCS11_TOKEN to the token's label."))
    if "TOKEN" in given and not given & {"KEY", "KEY_ID"}:
        found.append(("A token is named, and no key on it.", "Set SIGNING_PKCS11_KEY or SIGNING_PKCS11_KEY_ID."))
    if not _is_hexadecimal(settings.SIGNING_PKCS11_KEY_ID):
        found.append(("SIGNING_PKCS11_KEY_ID is not hexadecimal.", "Such as 01 or 4a6f."))
    try:
        certificates_of(house_certificates())
    except SigningKeyError as error:
        found.append((str(error), "A PEM file, readable for Isocenter."))
    return found


def _is_hexadecimal(text: str) -> bool:
    try:
        bytes.fromhex(text)
    except ValueError:
        return False
    return True


@register(Tags.security, deploy=True)
def token_answers(app_configs: Sequence[Any] | None, **_options: object) -> list[CheckMessage]:
    """The seal of the house on a token, tried as a signature would: driver, token, PIN, key and certificate."""
    if not settings.SIGNING_PKCS11_TOKEN:
        return []
    try:
        found = watch.problems()
    except DatabaseError:
        hint = "Run manage.py migrate, then check again."
        return [Caution("The token was not tried: the database does not answer.", hint=hint, id="reporting.W001")]
    return [Error(words, hint=hint, id="reporting.E002") for words, hint in found]
