"""What is dangerous in the archive's settings. Checks look at settings only; the live archive is asked by `health`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from cryptography import x509
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.checks import Warning as Caution
from django.utils import timezone

from ris.dicom import tls

SOON = timedelta(days=30)


@register(Tags.security, deploy=True)
def archive_settings(app_configs: Sequence[Any] | None, **_options: object) -> list[CheckMessage]:
    """An archive that lets everybody in, a hook that anybody may ring."""
    found: list[CheckMessage] = []
    if not settings.ORTHANC_TOKEN and not settings.ORTHANC_PASSWORD:
        hint = "Set ORTHANC_PASSWORD or ORTHANC_TOKEN (or the same with _FILE)."
        found.append(Error("The RIS has no credentials for the archive.", hint=hint, id="ris.dicom.E002"))
    if not settings.HOOK_SECRET:
        hint = "Set HOOK_SECRET to a long random string, and give it to Orthanc as ISOCENTER_HOOK_SECRET."
        message = "The archive cannot tell the RIS about new studies: there is no HOOK_SECRET."
        found.append(Caution(message, hint=hint, id="ris.dicom.W002"))
    return found


@register(Tags.security)
def tls_settings(app_configs: Sequence[Any] | None, **_options: object) -> list[CheckMessage]:
    """Half a TLS configuration must not look like one: the port would stay closed, or open to everybody."""
    files = tls.configured()
    if files == tls.Files():
        return []
    if not files.complete and not files.authorities:
        hint = "Set both, or neither."
        return [Error("Only one of DICOM_TLS_CERT and DICOM_TLS_KEY is set.", hint=hint, id="ris.dicom.E003")]
    try:
        tls.client_context(files)
        if files.complete:
            tls.server_context(files)
    except tls.TlsFault as fault:
        return [Error(str(fault), hint="PEM files, the key without a password.", id="ris.dicom.E003")]
    return _about_certificate(files) if files.complete else []


def _about_certificate(files: tls.Files) -> list[CheckMessage]:
    found: list[CheckMessage] = []
    ends = x509.load_pem_x509_certificate(Path(files.certificate).read_bytes()).not_valid_after_utc
    if ends < timezone.now() + SOON:
        words = f"DICOM_TLS_CERT is valid until {ends:%Y-%m-%d}: devices will refuse it."
        found.append(Caution(words, hint="Have it renewed.", id="ris.dicom.W003"))
    if Path(files.key).stat().st_mode & 0o077:
        hint = f"chmod 600 {files.key}"
        found.append(Caution("Others than its owner can read DICOM_TLS_KEY.", hint=hint, id="ris.dicom.W004"))
    return found
