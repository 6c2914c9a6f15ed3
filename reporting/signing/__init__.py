"""PAdES signatures on report PDFs: keys, signing, checking. No Django, no database, no clock of its own."""

from reporting.signing.errors import SigningError, SigningKeyError, UnsignablePdfError
from reporting.signing.pades import sign_pdf
from reporting.signing.signer import P12Signer, Signer
from reporting.signing.validation import SignatureStatus, validate

__all__ = [
    "P12Signer",
    "SignatureStatus",
    "Signer",
    "SigningError",
    "SigningKeyError",
    "UnsignablePdfError",
    "sign_pdf",
    "validate",
]
