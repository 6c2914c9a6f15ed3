"""When the exam's data last rewrote words of a draft by themselves, and who was shown them since.

Such a refilling moves neither the revision nor `saved_at`. Its instant names it: a page that shows the text says so in
the audit trail.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from reporting.models import Report
from reporting.technique import section_of
from ris.accounts.models import User
from ris.audit.models import AuditEvent

REFILLED, REVISION = "refilled", "draft_revision"


def noted(report: Report, changed: Iterable[str]) -> dict[str, Any]:
    """The content with the instant of a refilling that changed words; numbers have objects, which have times."""
    merged = {spec["key"] for spec in report.template.fields if spec.get("merge")}
    words = merged | {section_of(report)}
    return report.content | ({REFILLED: timezone.now().isoformat()} if words & set(changed) else {})


def refilling_of(report: Report) -> dict[str, str]:
    """Which refilling stands in the draft; {} for none."""
    return {REFILLED: report.content[REFILLED]} if REFILLED in report.content else {}


def shown_of(report: Report) -> dict[str, Any]:
    """For the audit trail of whoever is shown the draft itself: its revision, and which refilling stood in it."""
    return {REVISION: report.revision, **refilling_of(report)}


def was_shown(report: Report, user: User) -> bool:
    """Whether `user` opened the draft with what the last refilling wrote into it."""
    last = refilling_of(report)
    details = looks_at(report, user).values_list("detail", flat=True)
    return not last or any(one.get(REFILLED) == last[REFILLED] for one in details)


def looks_at_this(report: Report, user: User) -> QuerySet[AuditEvent]:
    """Each time that `user` was shown the draft as it stands, which a page of signed versions is not."""
    return looks_at(report, user).filter(**{f"detail__{REVISION}": report.revision})


def looks_at(report: Report, user: User, actions: Iterable[str] = ("report.viewed",)) -> QuerySet[AuditEvent]:
    """Each time that `user` opened something of it, or did another of `actions` with it."""
    return AuditEvent.objects.filter(
        action__in=tuple(actions),
        actor_kind="user",
        actor_id=str(user.pk),
        target_kind=report._meta.label_lower,
        target_id=str(report.pk),
    )
