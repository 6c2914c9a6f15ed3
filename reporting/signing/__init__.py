"""PAdES signatures on report PDFs: keys, signing, checking. No Django, no database, no clock of its own."""

from reporting.signing.errors import RevokedKeyError, SigningError, SigningKeyError, TimestampError, UnsignablePdfError
from reporting.signing.pades import Statement, sign_pdf, sign_stated
from reporting.signing.signer import P12Bytes, P12Signer, Signer
from reporting.signing.standing import require_standing
from reporting.signing.token import PinRefused, TokenFault, TokenKey, TokenSigner
from reporting.signing.validation import SignatureStatus, validate
from reporting.signing.witness import Witness

__all__ = [
    "P12Bytes",
    "P12Signer",
    "PinRefused",
    "RevokedKeyError",
    "SignatureStatus",
    "Signer",
    "SigningError",
    "SigningKeyError",
    "Statement",
    "TimestampError",
    "TokenFault",
    "TokenKey",
    "TokenSigner",
    "UnsignablePdfError",
    "Witness",
    "require_standing",
    "sign_pdf",
    "sign_stated",
    "validate",
]
