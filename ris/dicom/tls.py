"""TLS for DICOM: one place where contexts are made, for our server and for devices that we call.

PS3.15 B.12, the BCP 195 RFC 8996 TLS Secure Transport Connection Profile: TLS 1.2 and 1.3 and nothing older, forward
secrecy, authenticated ciphers; the client proves itself when the site asks for it.
"""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from django.conf import settings

PROFILE: Final = "BCP 195 RFC 8996 TLS Secure Transport Connection Profile (PS3.15 B.12)"
OLDEST: Final = ssl.TLSVersion.TLSv1_2
# RFC 9325 §4.2 for TLS 1.2; the suites of TLS 1.3 are all of this kind and OpenSSL keeps them by itself.
SUITES: Final = (
    "ECDHE-ECDSA-AES128-GCM-SHA256",
    "ECDHE-RSA-AES128-GCM-SHA256",
    "ECDHE-ECDSA-AES256-GCM-SHA384",
    "ECDHE-RSA-AES256-GCM-SHA384",
)


class TlsFault(ValueError):
    """The files of the TLS settings cannot be used; says which, and why."""


@dataclass(frozen=True, slots=True)
class Files:
    """PEM files: our certificate (with its chain) and key, and the authorities whose certificates we believe."""

    certificate: str = ""
    key: str = ""
    authorities: str = ""

    @property
    def complete(self) -> bool:
        """Whether a server can be made of them."""
        return bool(self.certificate and self.key)


NO_FILES: Final = Files()


def configured() -> Files:
    """DICOM_TLS_CERT, DICOM_TLS_KEY and DICOM_TLS_CA."""
    return Files(settings.DICOM_TLS_CERT, settings.DICOM_TLS_KEY, settings.DICOM_TLS_CA)


def server_context(files: Files) -> ssl.SSLContext:
    """For our association server. With authorities, a device without a certificate of theirs is refused.

    Raises TlsFault when a file is missing, unreadable, or does not belong to the others.
    """
    context = _context(ssl.PROTOCOL_TLS_SERVER)
    _identify(context, files)
    if files.authorities:
        _believe(context, files.authorities)
        context.verify_mode = ssl.CERT_REQUIRED
    return context


def client_context(files: Files) -> ssl.SSLContext:
    """For a device that we call: it must prove itself by the authorities; we prove ourselves where it asks.

    A certificate of a device seldom names the address that it stands at, so the name is not compared.
    """
    context = _context(ssl.PROTOCOL_TLS_CLIENT, check_hostname=False)
    context.verify_mode = ssl.CERT_REQUIRED
    if files.authorities:
        _believe(context, files.authorities)
    else:
        context.load_default_certs()
    if files.complete:
        _identify(context, files)
    return context


def _context(protocol: int, *, check_hostname: bool | None = None) -> ssl.SSLContext:
    context = ssl.SSLContext(protocol)
    if check_hostname is not None:
        context.check_hostname = check_hostname
    context.minimum_version = OLDEST
    context.set_ciphers(":".join(SUITES))
    context.options |= ssl.OP_NO_COMPRESSION | ssl.OP_NO_RENEGOTIATION | ssl.OP_CIPHER_SERVER_PREFERENCE
    return context


def _identify(context: ssl.SSLContext, files: Files) -> None:
    _require_file(files.certificate, "DICOM_TLS_CERT")
    _require_file(files.key, "DICOM_TLS_KEY")
    try:
        context.load_cert_chain(files.certificate, files.key, password=_no_password)
    except (ssl.SSLError, OSError) as error:
        raise TlsFault(f"DICOM_TLS_CERT and DICOM_TLS_KEY are not a certificate and its key: {_why(error)}.") from error


def _believe(context: ssl.SSLContext, authorities: str) -> None:
    _require_file(authorities, "DICOM_TLS_CA")
    try:
        context.load_verify_locations(authorities)
    except (ssl.SSLError, OSError) as error:
        raise TlsFault(f"DICOM_TLS_CA holds no certificates of authorities: {_why(error)}.") from error


def _require_file(name: str, setting: str) -> None:
    if not Path(name).is_file():
        raise TlsFault(f"{setting} names no file that can be read." if name else f"{setting} is not set.")


def _no_password() -> str:
    """An encrypted key is a fault that is told; OpenSSL would ask the terminal."""
    return ""


def _why(error: OSError) -> str:
    return getattr(error, "reason", None) or error.strerror or type(error).__name__
