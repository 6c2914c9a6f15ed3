"""SoftHSM: a real PKCS#11 driver with tokens in a folder of the test."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from base64 import b64encode
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.types import CertificateIssuerPrivateKeyTypes
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from reporting.signing import TokenKey

PIN, SO_PIN = "2468-test", "so-test-only"
DRIVERS = ("/usr/lib/softhsm/libsofthsm2.so", "/usr/lib/*/softhsm/libsofthsm2.so", "/usr/lib64/pkcs11/libsofthsm2.so")
# In a process of its own, as the program does it: a driver keeps what it was started with.
WRITE = """
import base64, json, sys
import pkcs11
from pkcs11 import Attribute, CertificateType, ObjectClass
asked = json.load(sys.stdin)
token = pkcs11.lib(asked["module"]).get_token(token_label=asked["token"])
with token.open(rw=True, user_pin=asked["pin"]) as session:
    if asked["new_pin"]:
        session.set_pin(asked["pin"], asked["new_pin"])
    if asked["certificate"]:
        session.create_object({
            Attribute.CLASS: ObjectClass.CERTIFICATE, Attribute.CERTIFICATE_TYPE: CertificateType.X_509,
            Attribute.TOKEN: True, Attribute.LABEL: asked["label"], Attribute.ID: bytes.fromhex(asked["id"]),
            Attribute.VALUE: base64.b64decode(asked["certificate"]),
            Attribute.SUBJECT: base64.b64decode(asked["subject"]),
        })
"""


@dataclass(frozen=True)
class SoftHsm:
    """Tokens of one test."""

    folder: Path
    module: str

    def token(self, label: str, pin: str = PIN) -> None:
        """A new, empty one."""
        self._util("--init-token", "--free", "--label", label, "--so-pin", SO_PIN, "--pin", pin)

    def put_key(self, token: str, key: CertificateIssuerPrivateKeyTypes, label: str, key_id: str = "01") -> None:
        """A private key, with its public one."""
        file = self.folder / "import.key"
        file.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        self._util("--import", file, "--token", token, "--label", label, "--id", key_id, "--pin", PIN)
        file.unlink()

    def put_certificate(self, token: str, certificate: x509.Certificate, label: str, key_id: str = "01") -> None:
        der, subject = certificate.public_bytes(Encoding.DER), certificate.subject.public_bytes()
        self._write(token, label=label, id=key_id, certificate=_text(der), subject=_text(subject))

    def change_pin(self, token: str, new: str, old: str = PIN) -> None:
        self._write(token, pin=old, new_pin=new)

    def take_away(self) -> None:
        """All tokens; `bring_back` is the other way."""
        (self.folder / "tokens").rename(self.folder / "elsewhere")
        (self.folder / "tokens").mkdir()

    def bring_back(self) -> None:
        (self.folder / "tokens").rmdir()
        (self.folder / "elsewhere").rename(self.folder / "tokens")

    def key(self, token: str, label: str = "", key_id: str = "", pin: str = PIN) -> TokenKey:
        return TokenKey(self.module, token, self.folder / "turns", label, key_id, pin)

    def _util(self, *arguments: str | Path) -> None:
        subprocess.run(["softhsm2-util", *arguments], check=True, capture_output=True, env=self._environment)

    def _write(self, token: str, **changes: str) -> None:
        asked = {"module": self.module, "token": token, "pin": PIN, "new_pin": "", "certificate": "", **changes}
        command = [sys.executable, "-I", "-c", WRITE]
        subprocess.run(
            command, input=json.dumps(asked).encode(), check=True, capture_output=True, env=self._environment
        )

    @property
    def _environment(self) -> dict[str, str]:
        return {**os.environ, "SOFTHSM2_CONF": str(self.folder / "softhsm2.conf")}


def softhsm(folder: Path) -> SoftHsm:
    """Without tokens yet."""
    (folder / "tokens").mkdir(parents=True)
    return _described(folder)


def copied(hsm: SoftHsm, folder: Path, monkeypatch: pytest.MonkeyPatch) -> SoftHsm:
    """With the same tokens, for one test; the programs that the test starts find it through SOFTHSM2_CONF."""
    shutil.copytree(hsm.folder / "tokens", folder / "tokens")
    monkeypatch.setenv("SOFTHSM2_CONF", str(folder / "softhsm2.conf"))
    return _described(folder)


def _described(folder: Path) -> SoftHsm:
    configuration = f"directories.tokendir = {folder}/tokens\nobjectstore.backend = file\nlog.level = ERROR\n"
    (folder / "softhsm2.conf").write_text(configuration)
    found = [path for pattern in DRIVERS for path in Path("/").glob(pattern.removeprefix("/"))]
    return SoftHsm(folder, str(found[0]))


def _text(body: bytes) -> str:
    return b64encode(body).decode()
