"""The seal of the house and people's own keys on tokens (SoftHSM): signing, a refused PIN, rotation, what is told."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from reporting.actions.keys import add_token_key, release_pin, revoke_key
from reporting.actions.sign import Proof
from reporting.checks import token_answers, token_settings
from reporting.keys import tokens, watch
from reporting.keys.record import RefusedPin, SigningKey
from reporting.keys.sealing import OnToken
from reporting.models import Artifact, ReportVersion
from reporting.signing import PinRefused, SigningKeyError, TokenSigner, validate
from ris.audit.models import AuditEvent
from ris.core.errors import InvalidInput, NotPermitted, Unavailable
from ris.core.timers import TIMERS
from tests.exam import draft, sign
from tests.reporting.signing.authority import Services, authorities
from tests.reporting.verifying.test_verify_reports import verdict
from tests.services.softhsm import PIN, SoftHsm, copied, softhsm
from tests.world import PASSWORD, World

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("signing_key")]
WRONG = "1357-test"


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    with authorities(tmp_path_factory.mktemp("authority")) as running:
        yield running


@pytest.fixture(scope="module")
def built(services: Services, tmp_path_factory: pytest.TempPathFactory) -> SoftHsm:
    """Tokens “house” with the key “seal”, and “rita” with the key “mine”."""
    hsm = softhsm(tmp_path_factory.mktemp("hsm"))
    for token, label, name in (("house", "seal", "Seal on a token"), ("rita", "mine", "Dr. Rita Radiologist")):
        hsm.token(token)
        provide(hsm, services, token, label, name)
    return hsm


@pytest.fixture
def hsm(
    signing_key: None, built: SoftHsm, settings: Settings, services: Services, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> SoftHsm:  # fmt: skip
    """A copy; the settings name the seal, and its authority is trusted beside the old one."""
    hsm = copied(built, tmp_path / "hsm", monkeypatch)
    own = settings.SIGNING_TRUST_FILE.read_bytes()
    settings.SIGNING_TRUST_FILE = tmp_path / "trust.pem"
    settings.SIGNING_TRUST_FILE.write_bytes(own + services.authority.pem)
    settings.SIGNING_KEY_ENCRYPTION = ("the-secret-of-a-test",)
    settings.DATA_DIR = tmp_path
    settings.SIGNING_PKCS11_MODULE, settings.SIGNING_PKCS11_TOKEN_PIN = hsm.module, PIN
    settings.SIGNING_PKCS11_TOKEN, settings.SIGNING_PKCS11_KEY = "house", "seal"
    return hsm


def provide(hsm: SoftHsm, services: Services, token: str, label: str, name: str, key_id: str = "01") -> int:
    """A key with its certificate, put on a token; the certificate's number."""
    made = services.authority.issue(name)
    hsm.put_key(token, made.key, label, key_id)
    hsm.put_certificate(token, made.certificate, label, key_id)
    return made.certificate.serial_number


def signer_of(version: ReportVersion, settings: Settings) -> str:
    body = bytes(Artifact.objects.get(version=version, kind="pdf").body)
    found = validate(body, settings.SIGNING_TRUST_FILE.read_bytes())
    assert found.valid, found.problem
    return found.signer


def now() -> Proof:
    return Proof(timezone.now())


def test_from_a_file_to_a_token_and_from_one_of_its_keys_to_another_all_stay_valid(
    world: World, hsm: SoftHsm, services: Services, settings: Settings
) -> None:
    settings.SIGNING_PKCS11_TOKEN = ""
    before = sign(draft(world), world.radiologist)
    settings.SIGNING_PKCS11_TOKEN = "house"
    first = sign(draft(world), world.radiologist)
    provide(hsm, services, "house", "seal-2027", "Next seal on a token", "02")
    settings.SIGNING_PKCS11_KEY = "seal-2027"
    second = sign(draft(world), world.radiologist)
    names = [signer_of(version, settings) for version in (before, first, second)]
    assert names == ["Isocenter test seal", "Seal on a token", "Next seal on a token"]
    assert verdict() == (0, "")


def test_while_the_token_is_away_nothing_is_signed_and_nothing_lost(
    world: World, hsm: SoftHsm, settings: Settings
) -> None:
    report = draft(world)
    hsm.take_away()
    with pytest.raises(Unavailable, match=r"Your draft is safe.*no token “house”: connect it"):
        sign(report, world.radiologist)
    assert not report.versions.exists()
    hsm.bring_back()
    assert signer_of(sign(report, world.radiologist), settings) == "Seal on a token"


def test_a_refused_pin_is_not_tried_again_until_an_administrator_says_so(
    world: World, hsm: SoftHsm, settings: Settings
) -> None:
    settings.SIGNING_PKCS11_TOKEN_PIN = WRONG
    report = draft(world)
    with pytest.raises(Unavailable, match="refused the PIN"):
        sign(report, world.radiologist)
    hsm.change_pin("house", WRONG)  # from now on it would be taken, were it tried
    with pytest.raises(Unavailable, match="refused the PIN"):
        sign(report, world.radiologist)
    refused = RefusedPin.objects.get()
    assert WRONG not in str(vars(refused))
    with pytest.raises(NotPermitted):
        release_pin(refused, by=world.radiologist)
    release_pin(refused, by=world.admin)
    assert signer_of(sign(report, world.radiologist), settings) == "Seal on a token"
    acts = AuditEvent.objects.filter(action__startswith="security.token-pin").order_by("pk")
    assert list(acts.values_list("action", flat=True)) == ["security.token-pin-refused", "security.token-pin-released"]


def test_another_pin_is_tried_at_once_and_ends_the_refusal(world: World, hsm: SoftHsm, settings: Settings) -> None:
    settings.SIGNING_PKCS11_TOKEN_PIN = WRONG
    with pytest.raises(SigningKeyError):
        tokens.opened(hsm.key("house", "seal", pin=WRONG))
    settings.SIGNING_PKCS11_TOKEN_PIN = PIN
    sign(draft(world), world.radiologist)
    assert not RefusedPin.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_one_only_tries_a_wrong_pin(hsm: SoftHsm, monkeypatch: pytest.MonkeyPatch) -> None:
    tries: list[str] = []

    class Counted(TokenSigner):
        def __init__(self, *arguments: object, **options: object) -> None:
            tries.append("try")
            super().__init__(*arguments, **options)  # type: ignore[arg-type]

    def one(_number: int) -> str:
        try:
            tokens.opened(hsm.key("house", "seal", pin=WRONG))
        except PinRefused as refused:
            return refused.code
        finally:
            connection.close()
        return "taken"

    monkeypatch.setattr(tokens, "TokenSigner", Counted)
    with ThreadPoolExecutor(6) as threads:
        answers = list(threads.map(one, range(6)))
    assert (answers, tries) == (["pin-wrong"] * 6, ["try"])


def own(world: World, pin: str = PIN) -> SigningKey:
    """The radiologist's own, on the token “rita”."""
    return add_token_key(OnToken("rita", "mine", "", pin), proof=now(), by=world.radiologist)


def test_a_persons_own_key_stays_on_their_token_and_its_pin_is_kept_encrypted(
    world: World, hsm: SoftHsm, services: Services, settings: Settings
) -> None:
    key = own(world)
    assert PIN not in key.sealed
    version = sign(draft(world), world.radiologist)
    assert signer_of(version, settings) == "Dr. Rita Radiologist"
    assert version.signature.certificate_sha256 == key.certificate_sha256
    call_command("rotate_signing_keys")
    assert signer_of(sign(draft(world), world.radiologist), settings) == "Dr. Rita Radiologist"
    revoke_key(key, reason="Lost", by=world.radiologist)
    assert signer_of(sign(draft(world), world.radiologist), settings) == "Seal on a token"
    assert verdict() == (0, "")


def test_its_new_pin_is_noted_by_taking_it_in_again(
    world: World, hsm: SoftHsm, services: Services, settings: Settings
) -> None:
    key = own(world)
    hsm.change_pin("rita", "9753-test")
    report = draft(world)
    with pytest.raises(Unavailable, match=r"Your own signing key.*refused the PIN"):
        sign(report, world.radiologist)
    assert who_tried() == [world.radiologist.pk]
    assert own(world, "9753-test").pk == key.pk
    assert signer_of(sign(report, world.radiologist), settings) == "Dr. Rita Radiologist"


def test_another_certificate_under_ones_label_signs_nothing(world: World, hsm: SoftHsm, services: Services) -> None:
    key = own(world)
    SigningKey.objects.filter(pk=key.pk).update(certificate_sha256="0" * 64)
    with pytest.raises(Unavailable, match="another certificate now"):
        sign(draft(world), world.radiologist)


def who_tried() -> list[int]:
    """Those whose PINs were refused, by the audit trail."""
    rows = AuditEvent.objects.filter(action="security.token-pin-refused").order_by("pk")
    return [int(row.actor_id) for row in rows]


def refusal_of(world: World, *place: str) -> dict[str, str]:
    """Why the resident's token is not taken in, by field."""
    with pytest.raises(InvalidInput) as refused:
        add_token_key(OnToken(*place), proof=now(), by=world.resident)
    return refused.value.fields


def test_faults_stand_beside_their_field(world: World, hsm: SoftHsm, services: Services) -> None:
    hsm.token("robin")
    assert "no token “attic”" in refusal_of(world, "attic", "mine", "", PIN)["token"]
    assert "refused the PIN" in refusal_of(world, "robin", "mine", "", WRONG)["pin"]
    assert "no signing key" in refusal_of(world, "robin", "yours", "", PIN)["label"]


@pytest.mark.parametrize("state", ["active", "replaced", "revoked"])
def test_tokens_of_the_house_and_of_others_are_not_tried_also_when_their_keys_sign_no_more(
    world: World, hsm: SoftHsm, state: str
) -> None:
    at = timezone.now()
    SigningKey.objects.create(
        owner=world.radiologist, subject="Rita", certificate_sha256="0" * 64, valid_from=at, valid_to=at, sealed="",
        token="rita", state=state, added_at=at,
    )  # fmt: skip
    for token, label in (("rita", "mine"), ("house", "seal")):
        assert "not your token" in refusal_of(world, token, label, "", WRONG)["token"]
    assert not RefusedPin.objects.exists()


def test_two_refused_pins_of_a_token_are_enough_until_an_administrator_releases_one(world: World, hsm: SoftHsm) -> None:
    hsm.token("robin")
    for pin in ("1111-test", "2222-test"):
        assert "refused the PIN" in refusal_of(world, "robin", "yours", "", pin)["pin"]
    assert who_tried() == [world.resident.pk] * 2
    for pin in (PIN, "1111-test", "3333-test"):
        assert "refused 2 PINs" in refusal_of(world, "robin", "yours", "", pin)["pin"]
    assert RefusedPin.objects.count() == 2
    release_pin(RefusedPin.objects.earliest("refused_at"), by=world.admin)
    assert "no signing key" in refusal_of(world, "robin", "yours", "", PIN)["label"], "it is tried again"


def test_where_questions_cannot_be_put_in_order_the_draft_is_safe_and_the_cause_is_told(
    world: World, hsm: SoftHsm, settings: Settings, tmp_path: Path
) -> None:
    report = draft(world)
    (tmp_path / "full").write_text("in the way")
    settings.DATA_DIR = tmp_path / "full"
    with pytest.raises(Unavailable, match=r"Your draft is safe.*look into DATA_DIR"):
        sign(report, world.radiologist)
    ((what, why),) = watch.problems()
    assert (what, "DATA_DIR" in why) == ("Reports cannot be sealed.", True)


def test_the_secrets_that_the_settings_read_are_withheld_from_the_driver(hsm: SoftHsm) -> None:
    key, own_one = tokens.house_key(), tokens.own_key(OnToken("rita", "mine", "", PIN))
    assert key is not None
    for withheld in (key.withheld, own_one.withheld):
        assert {"SECRET_KEY", "DATABASE_URL", "ORTHANC_TOKEN", "EMAIL_URL", "SIGNING_PKCS11_TOKEN_PIN_FILE"} <= withheld


def test_an_own_token_is_taken_in_on_a_page(world: World, hsm: SoftHsm, services: Services, client: Client) -> None:
    client.force_login(world.radiologist, "allauth.account.auth_backends.AuthenticationBackend")
    page, filled = reverse("reporting:signing-key-token"), {"token": "rita", "label": "mine", "password": PASSWORD}
    assert "out of the server" in client.get(page).content.decode()
    refused = client.post(page, {**filled, "pin": WRONG})
    assert (refused.status_code, "refused the PIN" in refused.content.decode()) == (422, True)
    assert client.post(page, {**filled, "pin": PIN}).status_code == 302
    assert "on the token rita" in client.get(reverse("reporting:signing-keys")).content.decode()


def test_an_administrator_sees_a_refused_pin_and_has_it_tried_again(world: World, hsm: SoftHsm, client: Client) -> None:
    with pytest.raises(PinRefused):
        tokens.opened(hsm.key("house", "seal", pin=WRONG))
    client.force_login(world.admin)
    page = reverse("reporting:signing-keys")
    assert "The token house refused it" in client.get(page).content.decode()
    client.post(reverse("reporting:signing-key-pin", args=[RefusedPin.objects.get().pk]))
    assert "refused it" not in client.get(page).content.decode()
    assert not RefusedPin.objects.exists()


@pytest.fixture
def pages(world: World, client: Client) -> Iterator[Client]:
    cache.delete(watch.KEY)
    client.force_login(world.admin)
    yield client
    cache.delete(watch.KEY)


def told(pages: Client) -> str:
    TIMERS["seal-of-the-house"][1]()
    return "".join(pages.get(path).content.decode() for path in ("/home/cards/", "/deliveries/"))


def test_a_seal_that_cannot_be_used_is_told_where_administrators_look_and_goes_with_its_cause(
    pages: Client, hsm: SoftHsm, settings: Settings
) -> None:
    hsm.take_away()
    assert told(pages).count("no token “house”") == 2
    hsm.bring_back()
    assert "Sealing of reports" not in told(pages)
    settings.SIGNING_PKCS11_TOKEN, settings.SIGNING_P12_PASSWORD = "", "wrong"
    assert "wrong passphrase" in told(pages)


def test_an_authority_that_nobody_knows_and_a_revoked_certificate_are_told(
    world: World, hsm: SoftHsm, services: Services, settings: Settings
) -> None:
    trusted = settings.SIGNING_TRUST_FILE.read_bytes()
    settings.SIGNING_TRUST_FILE.write_bytes(trusted.removesuffix(services.authority.pem))
    assert "Nobody in SIGNING_TRUST_FILE" in watch.problems()[0][1]
    settings.SIGNING_TRUST_FILE.write_bytes(b"")
    assert "no certificate in it" in watch.problems()[0][1]
    settings.SIGNING_TRUST_FILE.write_bytes(trusted)
    assert watch.problems() == []
    serial = provide(hsm, services, "house", "lost", "Lost seal", "03")
    settings.SIGNING_PKCS11_KEY = "lost"
    services.authority.revoked.append(serial)
    assert "was revoked" in watch.problems()[0][1]
    settings.TSA_URL = f"{services.url}/tsa"
    with pytest.raises(Unavailable, match="was revoked"):
        sign(draft(world), world.radiologist)


def test_the_deploy_check_tries_the_token_as_a_signature_would(hsm: SoftHsm, settings: Settings) -> None:
    assert token_settings(None) == token_answers(None) == []
    settings.SIGNING_PKCS11_KEY = "stamp"
    (found,) = token_answers(None)
    assert "no signing key “stamp”" in str(found.hint)
    with pytest.raises(CommandError, match=r"reporting\.E002"):
        call_command("check", "--deploy")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"MODULE": ""}, "no driver for it"),
        ({"MODULE": "driver.so"}, "whole path of the driver"),
        ({"MODULE": "/nowhere.so"}, "there is no file /nowhere.so"),
        ({"TOKEN": ""}, "and no token"),
        ({"KEY": ""}, "and no key on it"),
        ({"KEY_ID": "xyz"}, "not hexadecimal"),
        ({"CERTIFICATES": "/nowhere.pem"}, "No such file"),
    ],
)
def test_half_a_configuration_is_told(hsm: SoftHsm, settings: Settings, changes: dict[str, str], words: str) -> None:
    for name, value in changes.items():
        setattr(settings, f"SIGNING_PKCS11_{name}", value)
    assert [words in one.msg for one in token_settings(None)] == [True]


def test_a_token_without_certificates_takes_them_from_a_file(
    world: World, hsm: SoftHsm, services: Services, settings: Settings, tmp_path: Path
) -> None:
    made = services.authority.issue("Seal beside its token")
    hsm.put_key("house", made.key, "bare", "04")
    settings.SIGNING_PKCS11_KEY = "bare"
    settings.SIGNING_PKCS11_CERTIFICATES = str(tmp_path / "seal.pem")
    (tmp_path / "seal.pem").write_bytes(made.certificate.public_bytes(Encoding.PEM))
    assert signer_of(sign(draft(world), world.radiologist), settings) == "Seal beside its token"
