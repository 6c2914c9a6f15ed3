"""A timestamp of a real authority (openssl), and all that a checker in ten years needs, inside the signed bytes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.dss import DocumentSecurityStore

from reporting.render import render_pdf
from reporting.signing import P12Signer, Statement, TimestampError, Witness, sign_stated, validate
from reporting.signing.witness import authorities as certificates
from tests.reporting.render.examples import FINAL
from tests.reporting.signing.authority import Services, authorities, p12_of
from tests.reporting.tools import run
from tests.services.server import free_port

PASSPHRASE = "test-only"


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    with authorities(tmp_path_factory.mktemp("authority")) as running:
        yield running


@pytest.fixture(scope="module")
def signer(services: Services, tmp_path_factory: pytest.TempPathFactory) -> P12Signer:
    file = tmp_path_factory.mktemp("key") / "key.p12"
    file.write_bytes(p12_of(services.authority.issue("Klinikum Nordstadt"), services.authority, PASSPHRASE))
    return P12Signer(file, PASSPHRASE)


def witnessed(signer: P12Signer, services: Services, url: str = "") -> bytes:
    statement = Statement("Final report", "Nordstadt", "Dr. Jürgen Weiß", datetime.now(UTC).replace(microsecond=0))
    witness = Witness(url or f"{services.url}/tsa", services.authority.pem, timeout=5)
    return sign_stated(render_pdf(FINAL), signer=signer, statement=statement, witness=witness)


def test_the_timestamp_is_in_the_signature_which_still_covers_the_whole_file(
    services: Services, signer: P12Signer, tmp_path: Path
) -> None:
    before = datetime.now(UTC) - timedelta(seconds=2)
    signed = witnessed(signer, services)
    found = validate(signed, services.authority.pem)
    assert (found.valid, found.covers_whole, found.problem) == (True, True, "")
    assert found.timestamped_at is not None
    assert before < found.timestamped_at < datetime.now(UTC) + timedelta(seconds=2)
    (tmp_path / "signed.pdf").write_bytes(signed)
    verdict = run("pdfsig", tmp_path / "signed.pdf", home=tmp_path)
    assert "Signature is Valid." in verdict
    assert "Total document signed" in verdict


def test_it_can_be_proven_without_a_network_with_what_it_carries(services: Services, signer: P12Signer) -> None:
    signed = witnessed(signer, services)
    asked = len(services.asked)
    reader = PdfFileReader(BytesIO(signed))
    strict = {
        "trust_roots": certificates(services.authority.pem),
        "allow_fetching": False,
        "revocation_mode": "hard-fail",
    }
    context = DocumentSecurityStore.read_dss(reader).as_validation_context(strict)
    status = validate_pdf_signature(reader.embedded_regular_signatures[0], context)
    assert status.timestamp_validity is not None
    assert status.bottom_line
    assert len(services.asked) == asked


@pytest.mark.parametrize("at", [0.25, 0.5, 0.75])
def test_a_changed_byte_is_seen(services: Services, signer: P12Signer, at: float) -> None:
    changed = bytearray(witnessed(signer, services))
    changed[int(len(render_pdf(FINAL)) * at)] ^= 1
    assert not validate(bytes(changed), services.authority.pem).valid


def test_an_authority_that_does_not_answer_signs_nothing(services: Services, signer: P12Signer) -> None:
    with pytest.raises(TimestampError):
        witnessed(signer, services, url=f"http://127.0.0.1:{free_port()}/tsa")


def test_an_authority_that_answers_nonsense_signs_nothing(services: Services, signer: P12Signer) -> None:
    with pytest.raises(TimestampError):
        witnessed(signer, services, url=f"{services.url}/nothing")
