"""Who must hear that a report says something else now: whoever looked at it, here, or put it on paper."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from reporting.finding.listed import LISTED, QUOTED
from reporting.models import ReportVersion
from reporting.printing.actions import HANDED, PRINTED
from ris.accounts.models import User
from ris.audit.models import AuditEvent
from ris.notifications.actions import notify

LOOKED = ("report.viewed", HANDED, PRINTED)
QUOTED_FOR = timedelta(days=30)
"""How long somebody counts as having read a report of which a list only quoted a sentence."""

SUBJECTS = {
    "addendum": "A report that you have read has an addendum",
    "correction": "A report that you have read was corrected",
    "withdrawal": "A report that you have read was withdrawn",
}


def tell_recipients(version: ReportVersion) -> None:
    """A notice to each person who has looked at an earlier version, but for the signer. Inside the transaction.

    Here, in the viewer, on paper, or as a sentence that a search showed lately: its words were read.
    """
    if version.number == 1:
        return
    report = version.report
    quoted = Q(action=LISTED, at__gte=timezone.now() - QUOTED_FOR, **{f"detail__{QUOTED}": True})
    looked = AuditEvent.objects.filter(
        Q(action__in=LOOKED) | quoted,
        actor_kind="user",
        target_kind=report._meta.label_lower,
        target_id=str(report.pk),
    )
    ids = {int(pk) for pk in looked.values_list("actor_id", flat=True).distinct() if pk.isdecimal()}
    notify(
        User.objects.filter(pk__in=ids - {int(version.signature.signer_id)}, is_active=True),
        key=f"report/{report.pk}/{version.number}",
        subject=SUBJECTS[version.kind],
        text=f"Accession {', '.join(version.accession_numbers)}: please read it again.",
        link=reverse("reporting:detail", args=[report.pk]),
        site=report.site,
    )
