"""Which rows of the trail somebody may read, and those that a text asks for."""

from __future__ import annotations

from typing import Protocol

from django.db.models import Q, QuerySet

from ris.audit.models import AuditEvent


class Reader(Protocol):
    """A person, as far as the trail must know them."""

    def may(self, permission: str, site_id: int | None) -> bool: ...

    def sites_where(self, permission: str) -> frozenset[int]: ...


def rows_for(reader: Reader) -> QuerySet[AuditEvent]:
    """Rows of the sites that one answers for, newest first; all of them for an administrator of the installation."""
    rows = AuditEvent.objects.all()
    if reader.may("installation.manage", None):
        return rows
    return rows.filter(site_id__in=reader.sites_where("audit.view"))


def narrowed(rows: QuerySet[AuditEvent], text: str, *, quiet: bool) -> QuerySet[AuditEvent]:
    """Those whose action begins so, or of this study, person or thing; `quiet` leaves out queries of worklists."""
    if text:
        named = Q(action__startswith=text) | Q(study_uid=text) | Q(actor_display__icontains=text)
        rows = rows.filter(named | Q(target_id=text))
    return rows.exclude(action="worklist.queried") if quiet else rows
