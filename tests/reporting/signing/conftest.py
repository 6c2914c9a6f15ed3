"""A development key and a report signed with it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

import pytest

from reporting.render import render_pdf
from reporting.signing import P12Signer, dev_certificate, sign_pdf
from tests.reporting.render.examples import FINAL

PASSPHRASE = "geheim ä test-only"
MADE_AT = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
SIGNED_AT = datetime(2026, 11, 21, 13, 3, 27, tzinfo=UTC)


@dataclass(frozen=True)
class SigningKey:
    """A key of one institution and the authority that vouches for it."""

    signer: P12Signer
    trust_pem: bytes

    def sign(self, pdf: bytes, at: datetime = SIGNED_AT) -> bytes:
        return sign_pdf(
            pdf, signer=self.signer, reason="Final report", location="Nordstadt", name="Dr. Jürgen Weiß", at=at
        )

    @cached_property
    def signed(self) -> bytes:
        """The example report, signed once."""
        return self.sign(render_pdf(FINAL))


def make_key(folder: Path) -> SigningKey:
    made = dev_certificate.create(folder / "seal.p12", PASSPHRASE, "Klinikum Nordstadt", at=MADE_AT)
    return SigningKey(P12Signer(made.p12_path, PASSPHRASE), made.ca_path.read_bytes())


@pytest.fixture(scope="session")
def key(tmp_path_factory: pytest.TempPathFactory) -> SigningKey:
    return make_key(tmp_path_factory.mktemp("signing"))


@pytest.fixture(scope="session")
def foreign_key(tmp_path_factory: pytest.TempPathFactory) -> SigningKey:
    """A key of the same name from an authority that nobody trusts."""
    return make_key(tmp_path_factory.mktemp("foreign"))
