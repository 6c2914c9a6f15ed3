"""A radiologist's own key signs what they sign; a revoked one signs nothing, and what it signed stays valid."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import NoEncryption, pkcs12
from django.core.exceptions import ImproperlyConfigured
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from reporting.actions import sign as signing
from reporting.actions.keys import add_key, revoke_key
from reporting.actions.sign import Proof
from reporting.keys.record import SigningKey
from reporting.models import Artifact, ReportVersion, Signature
from reporting.signing import validate
from ris import env
from ris.accounts.models import User
from ris.core.errors import ConcurrentUpdateError, InvalidInput, NotPermitted, Unavailable
from tests.exam import draft, sign
from tests.reporting.signing.authority import Services, authorities, p12_of
from tests.reporting.tools import run
from tests.reporting.verifying.test_verify_reports import verdict
from tests.services.server import free_port
from tests.world import PASSWORD, World

SECRET, NEXT_SECRET = "the-first-secret-of-a-test", "the-next-secret-of-a-test"
PASSPHRASE = "my own passphrase"
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("signing_key")]


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    with authorities(tmp_path_factory.mktemp("authority")) as running:
        yield running


@pytest.fixture(autouse=True)
def trusted(signing_key: None, settings: Settings, services: Services, tmp_path: Path) -> None:
    """Both the house's authority and the one that gives keys to people."""
    own = settings.SIGNING_TRUST_FILE.read_bytes()
    settings.SIGNING_TRUST_FILE = tmp_path / "trust.pem"
    settings.SIGNING_TRUST_FILE.write_bytes(own + services.authority.pem)
    settings.SIGNING_KEY_ENCRYPTION = (SECRET,)


def now() -> Proof:
    return Proof(timezone.now())


def a_key(services: Services, name: str = "Dr. Rita Radiologist") -> bytes:
    return p12_of(services.authority.issue(name), services.authority, PASSPHRASE)


def added(services: Services, by: User) -> SigningKey:
    return add_key(a_key(services), PASSPHRASE, proof=now(), by=by)


def status_of(version: ReportVersion, settings: Settings) -> tuple[bool, str]:
    body = bytes(Artifact.objects.get(version=version, kind="pdf").body)
    found = validate(body, settings.SIGNING_TRUST_FILE.read_bytes())
    return found.valid, found.signer


def test_who_has_a_key_signs_with_it_and_others_with_the_seal(
    world: World, services: Services, settings: Settings
) -> None:
    key = added(services, world.radiologist)
    own, other = (
        sign(draft(world), world.radiologist),
        sign(draft(world, world.resident), world.resident, "preliminary"),
    )
    assert status_of(own, settings) == (True, "Dr. Rita Radiologist")
    assert status_of(other, settings) == (True, "Isocenter test seal")
    assert own.signature.certificate_sha256 == key.certificate_sha256
    assert verdict() == (0, "")


def test_at_rest_nobody_reads_it(world: World, services: Services) -> None:
    p12 = a_key(services)
    key = add_key(p12, PASSPHRASE, proof=now(), by=world.radiologist)
    stored = key.sealed.encode()
    assert p12 not in stored
    assert PASSPHRASE.encode() not in stored
    SigningKey.objects.filter(pk=key.pk).update(owner=world.resident)
    with pytest.raises(Unavailable):
        sign(draft(world, world.resident), world.resident, "preliminary")
    assert not Signature.objects.exists()


def test_a_revoked_key_signs_nothing_more_and_what_it_signed_stays_valid(
    world: World, services: Services, settings: Settings
) -> None:
    key = added(services, world.radiologist)
    before = sign(draft(world), world.radiologist)
    revoke_key(key, reason="Lost", by=world.radiologist)
    after = sign(draft(world), world.radiologist)
    assert status_of(before, settings) == (True, "Dr. Rita Radiologist")
    assert status_of(after, settings) == (True, "Isocenter test seal")
    assert verdict() == (0, "")
    SigningKey.objects.filter(pk=key.pk).update(ended_at=before.created_at - timedelta(hours=1))
    assert "signed after its key had been replaced or revoked" in verdict()[1]


def test_a_key_revoked_while_the_pdf_is_made_signs_nothing(
    world: World, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    key, report, made = added(services, world.radiologist), draft(world), signing.prepare

    def slow(*arguments: object, **options: object) -> object:
        prepared = made(*arguments, **options)  # type: ignore[arg-type]
        revoke_key(key, reason="Stolen", by=world.radiologist)
        return prepared

    monkeypatch.setattr(signing, "prepare", slow)
    with pytest.raises(ConcurrentUpdateError):
        sign(report, world.radiologist)
    assert not report.versions.exists()


def test_a_new_key_replaces_the_old_one_and_a_known_one_is_refused(world: World, services: Services) -> None:
    p12 = a_key(services)
    first = add_key(p12, PASSPHRASE, proof=now(), by=world.radiologist)
    second = added(services, world.radiologist)
    first.refresh_from_db()
    assert (first.state, second.state) == ("replaced", "active")
    with pytest.raises(InvalidInput, match="not taken in"):
        add_key(p12, PASSPHRASE, proof=now(), by=world.resident)


def bare(_services: Services) -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    return pkcs12.serialize_key_and_certificates(b"bare", key, None, None, NoEncryption())


@pytest.mark.parametrize(
    ("make", "passphrase", "words"),
    [
        (a_key, "wrong", "passphrase is wrong"),
        (lambda _services: b"no key at all", PASSPHRASE, "no PKCS#12 file"),
        (bare, "", "no key with its certificate"),
        (lambda _services: b"0" * 70_000, PASSPHRASE, "Larger"),
    ],
)
def test_what_is_no_usable_key_is_refused_in_words(
    world: World, services: Services, make: object, passphrase: str, words: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        add_key(make(services), passphrase, proof=now(), by=world.radiologist)  # type: ignore[operator]
    assert words in refused.value.fields["file"]
    assert not SigningKey.objects.exists()


def test_a_key_that_nobody_here_trusts_is_refused(
    world: World, services: Services, settings: Settings, tmp_path: Path
) -> None:
    with authorities(tmp_path) as strangers, pytest.raises(InvalidInput) as refused:
        add_key(a_key(strangers), PASSPHRASE, proof=now(), by=world.radiologist)
    assert "not trusted" in refused.value.fields["file"]


def test_it_is_for_those_who_sign_and_revoked_by_its_owner_or_an_administrator(
    world: World, services: Services
) -> None:
    for stranger in (world.technologist, world.admin):
        with pytest.raises(NotPermitted):
            added(services, stranger)
    key = added(services, world.radiologist)
    with pytest.raises(NotPermitted):
        revoke_key(key, reason="Envy", by=world.resident)
    assert revoke_key(key, reason="Left the house", by=world.admin).state == "revoked"


def test_after_a_rotation_the_old_secret_is_not_needed(world: World, services: Services, settings: Settings) -> None:
    added(services, world.radiologist)
    settings.SIGNING_KEY_ENCRYPTION = (NEXT_SECRET,)
    with pytest.raises(CommandError):
        call_command("rotate_signing_keys")
    settings.SIGNING_KEY_ENCRYPTION = (NEXT_SECRET, SECRET)
    said = StringIO()
    call_command("rotate_signing_keys", stdout=said)
    assert said.getvalue().startswith("1 signing keys")
    settings.SIGNING_KEY_ENCRYPTION = (NEXT_SECRET,)
    assert status_of(sign(draft(world), world.radiologist), settings) == (True, "Dr. Rita Radiologist")


def test_a_short_secret_is_refused_at_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIGNING_KEY_ENCRYPTION", "short")
    with pytest.raises(ImproperlyConfigured):
        env.secrets_of("SIGNING_KEY_ENCRYPTION")


def test_with_a_timestamping_authority_its_time_is_in_the_signature(
    world: World, services: Services, settings: Settings, tmp_path: Path
) -> None:
    added(services, world.radiologist)
    settings.TSA_URL = f"{services.url}/tsa"
    version = sign(draft(world), world.radiologist)
    signature = version.signature
    assert signature.timestamped_at is not None
    assert abs((signature.timestamped_at - signature.signed_at).total_seconds()) < 60
    assert verdict() == (0, "")
    (tmp_path / "report.pdf").write_bytes(bytes(Artifact.objects.get(version=version, kind="pdf").body))
    assert "Signature is Valid" in run("pdfsig", tmp_path / "report.pdf", home=tmp_path)


def test_while_the_authority_is_silent_it_signs_without_and_says_so_or_not_at_all(
    world: World, settings: Settings, client: Client
) -> None:
    settings.TSA_URL = f"http://127.0.0.1:{free_port()}/tsa"
    settings.TSA_DOWN = "mark"
    marked = sign(draft(world), world.radiologist)
    assert (marked.signature.timestamped_at, bool(marked.signature.timestamp_problem)) == (None, True)
    client.force_login(world.radiologist, "allauth.account.auth_backends.AuthenticationBackend")
    page = client.get(reverse("reporting:detail", args=[marked.report_id])).content.decode()
    assert "did not answer when this was signed" in page
    settings.TSA_DOWN = "refuse"
    report = draft(world)
    with pytest.raises(Unavailable, match="timestamping"):
        sign(report, world.radiologist)
    assert not report.versions.exists()


def test_it_is_taken_in_on_a_page_and_shown_there(world: World, services: Services, client: Client) -> None:
    client.force_login(world.radiologist, "allauth.account.auth_backends.AuthenticationBackend")
    page = reverse("reporting:signing-keys")
    for password, status in (("wrong", 422), (PASSWORD, 302)):
        file = SimpleUploadedFile("key.p12", a_key(services), content_type="application/x-pkcs12")
        answer = client.post(page, {"file": file, "passphrase": PASSPHRASE, "password": password})
        assert answer.status_code == status
    assert "Dr. Rita Radiologist" in client.get(page).content.decode()
    assert PASSPHRASE not in client.get(page).content.decode()
