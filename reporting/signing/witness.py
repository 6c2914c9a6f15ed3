"""A timestamp of a third party (RFC 3161), and what a later checker needs to know of the keys (PAdES B-T, B-LT)."""

from __future__ import annotations

from dataclasses import dataclass

from asn1crypto import pem, x509
from pyhanko.sign.signers.pdf_signer import DSSContentSettings, SigDSSPlacementPreference
from pyhanko.sign.timestamps.requests_client import RequestsHTTPTimeStamper
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.fetchers.requests_fetchers import RequestsFetcherBackend


@dataclass(frozen=True)
class Witness:
    """A timestamping authority. `trust_pem`: who vouches for it and for the signer, to look up what is revoked."""

    url: str
    trust_pem: bytes
    timeout: float = 5.0

    def timestamper(self) -> RequestsHTTPTimeStamper:
        return RequestsHTTPTimeStamper(self.url, timeout=self.timeout)

    def context(self) -> ValidationContext:
        """Looks revocation up where the certificates say; what cannot be had is left out of the file."""
        fetchers = RequestsFetcherBackend(per_request_timeout=self.timeout)
        return ValidationContext(trust_roots=authorities(self.trust_pem), allow_fetching=True, fetcher_backend=fetchers)


# Within the signed revision, so that the signature still covers the whole file.
INSIDE = DSSContentSettings(include_vri=False, placement=SigDSSPlacementPreference.TOGETHER_WITH_SIGNATURE)


def authorities(trust_pem: bytes) -> list[x509.Certificate]:
    """The certificates of a PEM file; raises ValueError when there is none."""
    return [x509.Certificate.load(der) for _, _, der in pem.unarmor(trust_pem, multiple=True)]
