"""Keys on a token: they sign without leaving it, and what is wrong is said in words. The token is SoftHSM."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from reporting.render import render_pdf
from reporting.signing import PinRefused, SigningKeyError, TokenFault, TokenKey, TokenSigner, sign_pdf, validate
from reporting.signing.token import asking, child
from reporting.signing.token.asking import ask
from reporting.signing.token.faults import PIN_REFUSED, SENTENCES, fault
from tests.reporting.render.examples import FINAL
from tests.reporting.tools import run
from tests.services.softhsm import SoftHsm, copied, softhsm

NOW = datetime.now(UTC).replace(microsecond=0)
DAY = timedelta(days=1)
ROOT = Path(__file__).parents[3]
Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


def certificate(
    name: str, key: Key, issuer: str, issuer_key: Key, *, ca: bool = False, began: timedelta = DAY
) -> x509.Certificate:
    """One that began so long ago, and lasts a year."""
    builder = x509.CertificateBuilder(
        _name(issuer), _name(name), key.public_key(), x509.random_serial_number(), NOW - began, NOW - began + 365 * DAY
    )
    constrained = builder.add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
    usage = x509.KeyUsage(
        digital_signature=not ca, content_commitment=not ca, key_cert_sign=ca, crl_sign=ca, key_encipherment=False,
        data_encipherment=False, key_agreement=False, encipher_only=False, decipher_only=False,
    )  # fmt: skip
    return constrained.add_extension(usage, critical=True).sign(issuer_key, hashes.SHA256())


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


@dataclass(frozen=True)
class House:
    """A token “house” with the key “seal”, vouched for by a root over an authority between."""

    hsm: SoftHsm
    own: ec.EllipticCurvePrivateKey
    between: ec.EllipticCurvePrivateKey
    trust_pem: bytes

    def signed(self, label: str = "seal", key_id: str = "") -> bytes:
        signer = TokenSigner(self.hsm.key("house", label, key_id))
        return sign_pdf(render_pdf(FINAL), signer=signer, reason="Final", location="Nord", name="Dr. Weiß", at=NOW)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> House:
    hsm = softhsm(tmp_path_factory.mktemp("hsm"))
    root, between, own = (ec.generate_private_key(ec.SECP256R1()) for _ in range(3))
    hsm.token("house")
    hsm.put_key("house", own, "seal")
    hsm.put_certificate("house", certificate("Klinikum Nordstadt", own, "Between", between), "seal")
    hsm.put_certificate("house", certificate("Between", between, "Root", root, ca=True), "between", "02")
    trust = certificate("Root", root, "Root", root, ca=True).public_bytes(Encoding.PEM)
    return House(hsm, own, between, trust)


@pytest.fixture
def house(built: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> House:
    return replace(built, hsm=copied(built.hsm, tmp_path / "hsm", monkeypatch))


def test_what_a_token_signs_is_valid_for_us_and_for_poppler(house: House, tmp_path: Path) -> None:
    signed = house.signed()
    found = validate(signed, house.trust_pem)
    assert (found.valid, found.signer, found.problem) == (True, "Klinikum Nordstadt", "")
    assert found.certificate_sha256 == TokenSigner(house.hsm.key("house", "seal")).certificate_sha256
    (tmp_path / "signed.pdf").write_bytes(signed)
    verdict = run("pdfsig", tmp_path / "signed.pdf", home=tmp_path)
    assert "Signature is Valid." in verdict
    assert "Total document signed" in verdict


def test_an_rsa_key_is_found_by_its_id(house: House) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    house.hsm.put_key("house", key, "other", "0a")
    house.hsm.put_certificate("house", certificate("RSA seal", key, "Between", house.between), "other", "0a")
    found = validate(house.signed(label="", key_id="0a"), house.trust_pem)
    assert (found.valid, found.signer) == (True, "RSA seal")


# As a worker does that forks after its first signature, and then signs on.
FORKING = """
import json, os, sys
from datetime import datetime
from pathlib import Path
from reporting.signing import TokenKey, TokenSigner, sign_pdf

asked = json.load(sys.stdin)
key = TokenKey(asked["module"], "house", Path(asked["turns"]), "seal", pin=asked["pin"])

def signed(name):
    body = sign_pdf(
        Path(asked["pdf"]).read_bytes(), signer=TokenSigner(key), reason="Final", location="Nord", name="Dr. Wei\u00df",
        at=datetime.fromisoformat(asked["at"]),
    )
    Path(asked["pdf"]).with_name(name).write_bytes(body)

signed("first.pdf")
forked = os.fork()
if not forked:
    signed("forked.pdf")
else:
    sys.exit(os.waitstatus_to_exitcode(os.waitpid(forked, 0)[1]))
"""


def test_two_threads_and_a_forked_process_sign_at_once(house: House, tmp_path: Path) -> None:
    (tmp_path / "report.pdf").write_bytes(render_pdf(FINAL))
    key = house.hsm.key("house", "seal")
    asked = {"module": key.module, "turns": str(key.turns), "pin": key.pin, "pdf": str(tmp_path / "report.pdf"),
             "at": NOW.isoformat()}  # fmt: skip
    command = [sys.executable, "-c", FORKING]

    def elsewhere() -> list[bytes]:
        # A process of its own: this one has threads, and a fork of it could hang.
        subprocess.run(command, input=json.dumps(asked).encode(), check=True, timeout=120, cwd=ROOT)
        return [(tmp_path / name).read_bytes() for name in ("first.pdf", "forked.pdf")]

    with ThreadPoolExecutor(3) as threads:
        others = threads.submit(elsewhere)
        signed = [*threads.map(lambda _: house.signed(), range(2)), *others.result()]
    assert [validate(one, house.trust_pem).valid for one in signed] == [True] * 4


def test_a_renewed_certificate_counts_from_the_day_it_begins(house: House) -> None:
    later = certificate("Not yet", house.own, "Between", house.between, began=-DAY)
    renewed = certificate("Renewed", house.own, "Between", house.between, began=DAY / 2)
    for one in (later, renewed):
        house.hsm.put_certificate("house", one, "seal")
    assert validate(house.signed(), house.trust_pem).signer == "Renewed"


def no_driver(house: House, tmp_path: Path) -> TokenKey:
    (tmp_path / "driver.so").write_bytes(b"no library")
    return replace(house.hsm.key("house", "seal"), module=str(tmp_path / "driver.so"))


def no_certificate(house: House, _tmp_path: Path) -> TokenKey:
    house.hsm.put_key("house", ec.generate_private_key(ec.SECP256R1()), "bare", "0b")
    return house.hsm.key("house", "bare")


def two_keys(house: House, _tmp_path: Path) -> TokenKey:
    house.hsm.put_key("house", ec.generate_private_key(ec.SECP256R1()), "seal", "0c")
    return house.hsm.key("house", "seal")


def taken_away(house: House, _tmp_path: Path) -> TokenKey:
    house.hsm.take_away()
    return house.hsm.key("house", "seal")


def two_tokens(house: House, _tmp_path: Path) -> TokenKey:
    house.hsm.token("house")
    return house.hsm.key("house", "seal")


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda house, _: replace(house.hsm.key("house", "seal"), module="/nowhere.so"), "driver /nowhere.so is not"),
        (lambda house, _: replace(house.hsm.key("house", "seal"), module="driver.so"), "whole path of the driver"),
        (no_driver, "no PKCS#11 driver that works here"),
        (lambda house, _: house.hsm.key("garden", "seal"), "no token “garden”"),
        (taken_away, "no token “house”: connect it"),
        (two_tokens, "more than one token “house”"),
        (lambda house, _: house.hsm.key("house", "seal", pin="1357"), "refused the PIN"),
        (lambda house, _: house.hsm.key("house", "seal", pin=""), "no PIN for the token “house”"),
        (lambda house, _: house.hsm.key("house", "stamp"), "no signing key “stamp” on the token"),
        (two_keys, "more than one key “seal”"),
        (no_certificate, "no certificate for the key “bare”"),
    ],
)
def test_what_is_wrong_is_said_with_what_to_do(
    house: House, tmp_path: Path, make: Callable[[House, Path], TokenKey], words: str
) -> None:
    key = make(house, tmp_path)
    with pytest.raises(SigningKeyError, match=words) as refused:
        TokenSigner(key)
    assert isinstance(refused.value, PinRefused) == ("refused the PIN" in words)


def test_a_key_under_another_ones_certificate_signs_nothing(house: House) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    house.hsm.put_key("house", key, "swapped", "0d")
    house.hsm.put_certificate("house", certificate("Other", house.own, "Between", house.between), "swapped", "0d")
    with pytest.raises(SigningKeyError, match="does not belong to its certificate"):
        house.signed(label="swapped")


def test_a_token_that_goes_between_the_question_and_the_signature_signs_nothing(house: House) -> None:
    signer = TokenSigner(house.hsm.key("house", "seal"))
    house.hsm.take_away()
    with pytest.raises(SigningKeyError, match="connect it"):
        sign_pdf(render_pdf(FINAL), signer=signer, reason="", location="", name="", at=NOW)
    house.hsm.bring_back()
    assert validate(house.signed(), house.trust_pem).valid


def test_a_token_that_hangs_is_given_up(house: House) -> None:
    with pytest.raises(SigningKeyError, match="did not answer in time"):
        ask(house.hsm.key("house", "seal"), "look", patience=0.001)


def driver_of(tmp_path: Path) -> TokenKey:
    """A key behind a file that is not asked."""
    (tmp_path / "driver.so").write_bytes(b"no library")
    return TokenKey(str(tmp_path / "driver.so"), "house", tmp_path / "turns", "seal")


def test_a_folder_that_cannot_be_used_is_told_like_other_faults(tmp_path: Path) -> None:
    key = driver_of(tmp_path)
    key.turns.write_text("in the way")
    with pytest.raises(TokenFault, match=r"cannot be used \(.+\): look into DATA_DIR"):
        ask(key, "look")


def test_a_program_that_cannot_be_started_is_told_like_other_faults(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    with pytest.raises(TokenFault, match=r"cannot be started \(No such file"):
        ask(driver_of(tmp_path), "look")


def test_the_drivers_process_gets_its_own_variables_and_no_secret(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "child.py").write_text("import json, os\nprint(json.dumps({'ok': dict(os.environ)}))")
    monkeypatch.setattr(asking, "CHILD", tmp_path / "child.py")
    secret = {"SECRET_KEY", "DATABASE_URL", "SIGNING_PKCS11_TOKEN_PIN", "SIGNING_P12_PASSWORD_FILE", "PGPASSWORD"}
    own = {"SOFTHSM2_CONF", "LD_LIBRARY_PATH", "MAKERS_TOKEN_SERVICE", "LC_ALL"}
    for name in secret | own:
        monkeypatch.setenv(name, "C")
    given = ask(replace(driver_of(tmp_path), withheld=frozenset({"SECRET_KEY", "DATABASE_URL"})), "look")
    assert own | {"PATH"} <= set(given)
    assert not secret & set(given)


def test_the_pin_is_never_shown(house: House) -> None:
    key = house.hsm.key("house", "seal")
    assert key.pin not in repr(key)
    with pytest.raises(SigningKeyError) as refused:
        TokenSigner(replace(key, label="stamp"))
    assert key.pin not in str(refused.value)


class PinLocked(Exception):
    """As python-pkcs11 calls it; SoftHSM locks no PIN."""


class KeySizeRange(Exception):
    """A key that the token cannot use."""


class Unheard(Exception):
    """What nobody foresaw."""


@pytest.mark.parametrize(
    ("error", "words"),
    [(PinLocked(), "is locked"), (KeySizeRange(), "cannot sign with the key"), (Unheard(), r"failed \(Unheard\)")],
)
def test_what_softhsm_cannot_show_is_told_by_its_name(
    error: Exception, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def raises(_asked: object) -> None:
        raise error

    monkeypatch.setitem(child.ACTS, "look", raises)
    said = child.answer({"act": "look"})
    found = fault(said["fault"], TokenKey("driver.so", "house", Path(), "seal"), said["detail"])
    with pytest.raises(SigningKeyError, match=words):
        raise found
    assert isinstance(found, PinRefused) == isinstance(error, PinLocked)


def test_every_code_has_its_sentence() -> None:
    assert {*child.CODES.values(), *PIN_REFUSED} <= set(SENTENCES)
