"""Rows for the tests of the trail, and a way past its guards."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import connection
from django.utils import timezone

from ris.audit import triggers
from ris.audit.models import AuditEvent

TABLES = triggers.TABLES


def row(*, pk: int | None = None, at: datetime | None = None, target: str = "1") -> AuditEvent:
    return AuditEvent.objects.create(
        pk=pk, at=at or timezone.now(), action="order.placed", event_code="110109", outcome="success",
        actor_kind="user", actor_id="1", actor_display="A", target_kind="orders.order", target_id=target,
    )  # fmt: skip


def old() -> datetime:
    return timezone.now() - timedelta(minutes=10)


def tamper(sql: str, *values: str | int) -> None:
    """What somebody with the database's own password could do: drop the guards, then write."""
    with connection.cursor() as cursor:
        for table in TABLES:
            for statement in triggers.removals(connection.vendor, table):
                cursor.execute(statement)
        cursor.execute(sql, values)
