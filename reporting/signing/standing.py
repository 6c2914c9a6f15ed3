"""Whether a signing certificate still stands: an authority that we know vouches for it, and has not revoked it."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

from pyhanko.sign.signers import Signer as PdfKey
from pyhanko_certvalidator import CertificateValidator
from pyhanko_certvalidator.errors import ExpiredError, PathBuildingError, PathError, RevokedError, ValidationError

from reporting.signing.errors import RevokedKeyError, SigningKeyError
from reporting.signing.witness import Witness

REVOKED = "The signing certificate, or the one of its authority, was revoked: use another key."
ENDED = "The signing certificate, or the one of its authority, is not valid at this time: have it renewed."
UNKNOWN = "Nobody in SIGNING_TRUST_FILE vouches for the signing certificate: add its authority to that file."
UNFIT = "The signing certificate does not keep to the rules for signing: ask its authority for another one."


def require_standing(key: PdfKey, trust_pem: bytes) -> None:
    """Asks for lists of revoked ones where the certificates say; silence is no revocation.

    Raises SigningKeyError; RevokedKeyError where one is on a list.
    """
    with ThreadPoolExecutor(max_workers=1) as own_thread:
        own_thread.submit(_require, key, trust_pem).result()


def _require(key: PdfKey, trust_pem: bytes) -> None:
    """Runs in a thread of its own, where no event loop can be running yet."""
    context = Witness("", trust_pem).context()
    validator = CertificateValidator(key.signing_cert, intermediate_certs=key.cert_registry, validation_context=context)
    try:
        asyncio.run(validator.async_validate_usage(set()))
    except (PathError, ValidationError) as problem:
        fault = RevokedKeyError if isinstance(problem, RevokedError) else SigningKeyError
        raise fault(words_for(problem)) from problem


def words_for(problem: BaseException | None) -> str:
    """What a checker found, and what to do; empty when it is about something else."""
    if isinstance(problem, RevokedError):
        return REVOKED
    if isinstance(problem, ExpiredError):
        return ENDED
    if isinstance(problem, PathBuildingError):
        return UNKNOWN
    return UNFIT if isinstance(problem, (PathError, ValidationError)) else ""
