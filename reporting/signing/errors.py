"""Why a PDF could not be signed."""

from __future__ import annotations


class SigningError(Exception):
    """Nothing was signed."""


class SigningKeyError(SigningError, ValueError):
    """The key cannot be used: file or passphrase wrong, or the certificate does not cover the instant."""


class RevokedKeyError(SigningKeyError):
    """The authority of the certificate, or one above it, says that it holds no more."""


class TimestampError(SigningError):
    """The timestamping authority did not give its timestamp."""


class UnsignablePdfError(SigningError, ValueError):
    """These bytes are not a PDF that can take a signature."""
