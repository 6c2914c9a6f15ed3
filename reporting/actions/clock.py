"""The server's clock against what it wrote down, and against the time server: a signature tells the right time."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone

from reporting.models import Report
from reporting.timekeeping import watch
from ris.audit.models import AuditEvent
from ris.core.errors import Unavailable


def require_clock(report: Report, signed_at: datetime) -> None:
    """Raise Unavailable when the clock stands before what the audit trail, or the version before, says of the report.

    So does a clock that is five minutes off the time server's.

    `signed_at`: what the new version says. Called with the report locked.
    """
    before = report.latest_version
    written = AuditEvent.objects.filter(target_kind=report._meta.label_lower, target_id=str(report.pk))
    last = written.order_by("-at").values_list("at", flat=True).first()
    if (last and timezone.now() < last) or (before and signed_at < before.created_at):
        raise Unavailable(
            "The server's clock stands before the last entry about this report. Nothing was signed: "
            "call your administrator."
        )
    if watch.is_wrong():
        raise Unavailable(
            "The server's clock is more than five minutes off the time server's. Nothing was signed: "
            "call your administrator."
        )
