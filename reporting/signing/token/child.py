"""The process that speaks with a token: one question in JSON on standard input, one answer on standard output.

Started by path and isolated: it imports nothing of Isocenter. What a driver prints goes nowhere.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import sys
from collections.abc import Callable
from typing import Any, Final

# By the names of python-pkcs11's errors, which are those of PKCS#11's return values.
CODES: Final = {
    "NoSuchToken": "no-token",
    "MultipleTokensReturned": "two-tokens",
    "PinIncorrect": "pin-wrong",
    "PinInvalid": "pin-wrong",
    "PinLenRange": "pin-wrong",
    "PinLocked": "pin-locked",
    "PinExpired": "pin-expired",
    "UserPinNotInitialized": "pin-unset",
    "MechanismInvalid": "mechanism",
    "MechanismParamInvalid": "mechanism",
    "KeyTypeInconsistent": "mechanism",
    "KeyFunctionNotPermitted": "mechanism",
    "KeySizeRange": "mechanism",
    "TokenNotPresent": "gone",
    "TokenNotRecognised": "gone",
    "DeviceRemoved": "gone",
    "SessionHandleInvalid": "gone",
    "SessionClosed": "gone",
}


class Fault(Exception):
    """What is wrong, as a code."""


def answer(asked: dict[str, Any]) -> dict[str, Any]:
    """{"ok": …} or {"fault": code, "detail": the name of the error}."""
    try:
        return {"ok": ACTS[asked["act"]](asked)}
    except Fault as fault:
        return {"fault": str(fault)}
    except Exception as error:  # noqa: BLE001  a driver may fail in any way; only the name leaves
        name = type(error).__name__
        return {"fault": CODES.get(name, "refused"), "detail": name}


def look(asked: dict[str, Any]) -> dict[str, Any]:
    """The key's id and label, and all certificates on the token; that the PIN is right is shown by it."""
    import pkcs11

    with _session(asked) as session:
        key = _key(session, asked)
        found = session.get_objects({pkcs11.Attribute.CLASS: pkcs11.ObjectClass.CERTIFICATE})
        certificates = [_certificate(one) for one in found]
        return {"id": key.id.hex(), "label": key.label, "certificates": certificates}


def sign(asked: dict[str, Any]) -> str:
    """ECDSA (DER) or RSA (PKCS #1 v1.5), over the SHA-256 of the data; in base64."""
    from pkcs11 import KeyType, Mechanism
    from pkcs11.util.ec import encode_ecdsa_signature

    data = base64.b64decode(asked["data"])
    with _session(asked) as session:
        key = _key(session, asked)
        again = {"pin": asked["pin"]} if _asks_each_time(key) else {}
        if key.key_type == KeyType.EC:
            raw = key.sign(hashlib.sha256(data).digest(), mechanism=Mechanism.ECDSA, **again)
            made = encode_ecdsa_signature(raw)
        elif key.key_type == KeyType.RSA:
            made = key.sign(data, mechanism=Mechanism.SHA256_RSA_PKCS, **again)
        else:
            raise Fault("mechanism")
    return base64.b64encode(made).decode()


ACTS: Final[dict[str, Callable[[dict[str, Any]], Any]]] = {"look": look, "sign": sign}


def _session(asked: dict[str, Any]) -> Any:
    """Logged in, when there is a PIN. The last try before a lock is left to a person."""
    from pkcs11 import TokenFlag

    token = _driver(asked["module"]).get_token(token_label=asked["token"])
    if not asked["pin"]:
        return token.open()
    if token.flags & TokenFlag.USER_PIN_LOCKED:
        raise Fault("pin-locked")
    if asked["careful"] and token.flags & TokenFlag.USER_PIN_FINAL_TRY:
        raise Fault("pin-last-try")
    return token.open(user_pin=asked["pin"])


def _driver(path: str) -> Any:
    try:
        import pkcs11
    except ImportError:
        raise Fault("no-library") from None
    try:
        return pkcs11.lib(path)
    except pkcs11.PKCS11Error:
        raise Fault("no-driver") from None


def _key(session: Any, asked: dict[str, Any]) -> Any:
    """The one private key of this label and id."""
    from pkcs11 import Attribute, ObjectClass

    wanted: dict[Any, Any] = {Attribute.CLASS: ObjectClass.PRIVATE_KEY}
    if asked["label"]:
        wanted[Attribute.LABEL] = asked["label"]
    if asked["id"]:
        wanted[Attribute.ID] = bytes.fromhex(asked["id"])
    found = list(session.get_objects(wanted))
    if len(found) != 1:
        raise Fault("two-keys" if found else "no-key" if asked["pin"] else "no-pin")
    return found[0]


def _certificate(one: Any) -> dict[str, str]:
    from pkcs11 import Attribute

    return {
        "id": bytes(one[Attribute.ID]).hex(),
        "label": one[Attribute.LABEL],
        "der": base64.b64encode(one[Attribute.VALUE]).decode(),
    }


def _asks_each_time(key: Any) -> bool:
    """Whether the key wants its PIN for each signature (CKA_ALWAYS_AUTHENTICATE); not every driver knows that."""
    from pkcs11 import Attribute, PKCS11Error

    try:
        return bool(key[Attribute.ALWAYS_AUTHENTICATE])
    except PKCS11Error:
        return False


def _private_pipes() -> tuple[bytes, int]:
    """The question, and where the answer goes; the standard descriptors lead nowhere from now on."""
    asked, answers = sys.stdin.buffer.read(), os.dup(1)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(nowhere, standard)
    return asked, answers


def main() -> None:
    asked, answers = _private_pipes()
    with os.fdopen(answers, "wb") as output:
        output.write(json.dumps(answer(json.loads(asked))).encode())
    # A driver's own way out is not waited for: some crash there.
    os._exit(0)


if __name__ == "__main__":
    main()
