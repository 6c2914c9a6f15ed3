"""What a page may do with sound: play it, and record it where a site of the reader keeps recordings.

Everywhere else the microphone is shut by `ris.core.device_access`.
"""

from __future__ import annotations

from typing import TypeVar

from django.http import HttpResponse

from reporting.dictation.record import DictationRule
from ris.accounts.models import User
from ris.core.device_access import HEADER, SHUT

R = TypeVar("R", bound=HttpResponse)
RECORDS = SHUT.replace("microphone=()", "microphone=(self)")


def may_play(response: R) -> R:
    """Sound of our own, and no other."""
    response._csp_update = {"media-src": ["'self'"]}  # type: ignore[attr-defined]  # noqa: SLF001  django-csp's own way
    return response


def may_record(response: R, user: User) -> R:
    """For a page on which drafts are written; nothing at all is opened where no site of the user keeps recordings."""
    sites = user.sites_where("report.write")
    if not DictationRule.objects.filter(site__in=sites, recording=True).exists():
        return response
    response.headers[HEADER] = RECORDS
    return may_play(response)
