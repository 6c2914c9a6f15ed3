"""What is dangerous in the archive's settings. Checks look at settings only; the live archive is asked by `health`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.checks import Warning as Caution


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
