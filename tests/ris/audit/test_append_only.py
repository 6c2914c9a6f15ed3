"""The database itself refuses to bend what was written (DESIGN.md §5.9)."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction

from ris.audit.models import AuditEvent, AuditSeal
from ris.audit.sealing import seal
from tests.ris.audit.trail import TABLES, row

pytestmark = [pytest.mark.db, pytest.mark.django_db]

COLUMN = {"audit_auditevent": "actor_display", "audit_auditseal": "hash"}


def run(sql: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("sql", ["UPDATE {table} SET {column} = 'x'", "DELETE FROM {table}", "TRUNCATE {table}"])
def test_raw_sql_cannot_change_or_remove_a_row(sql: str, table: str) -> None:
    if sql.startswith("TRUNCATE") and connection.vendor != "postgresql":
        sql = "DELETE FROM {table} WHERE 1"  # SQLite's truncation is a DELETE without rows to look at
    row()
    seal()
    before = list(AuditEvent.objects.values()), list(AuditSeal.objects.values())
    with pytest.raises(DatabaseError, match="append-only"):
        run(sql.format(table=table, column=COLUMN[table]))
    assert (list(AuditEvent.objects.values()), list(AuditSeal.objects.values())) == before


def test_the_orm_cannot_either() -> None:
    written = row()
    with pytest.raises(DatabaseError), transaction.atomic():
        AuditEvent.objects.filter(pk=written.pk).delete()
    written.actor_display = "Somebody else"
    with pytest.raises(DatabaseError), transaction.atomic():
        written.save(update_fields=["actor_display"])
    assert AuditEvent.objects.get(pk=written.pk).actor_display == "A"
