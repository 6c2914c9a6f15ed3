"""The key with which a browser seals what its reader typed and did not save yet (static/js/report-kept.js)."""

from __future__ import annotations

import base64

from django.utils.crypto import salted_hmac

from reporting.models import Report
from ris.accounts.models import User


def key_for(user: User, report: Report) -> str:
    """256 bits, base64: the same for as long as the installation's secret is, another for each reader and report."""
    digest = salted_hmac("reporting.joining.sealing", f"{user.pk}/{report.pk}", algorithm="sha256").digest()
    return base64.b64encode(digest).decode()
