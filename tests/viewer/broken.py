"""An audit trail that takes no row: the database itself refuses each one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

from ris.audit.models import AuditEvent

TABLE = AuditEvent._meta.db_table
REFUSE = {
    "sqlite": f"CREATE TRIGGER no_row BEFORE INSERT ON {TABLE} BEGIN SELECT RAISE(ABORT, 'no room'); END",
    "postgresql": f"""CREATE FUNCTION no_row() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        RAISE EXCEPTION 'no room' USING ERRCODE = 'disk_full'; END $$;
        CREATE TRIGGER no_row BEFORE INSERT ON {TABLE} FOR EACH ROW EXECUTE FUNCTION no_row()""",
}
ALLOW = {
    "sqlite": "DROP TRIGGER no_row",
    "postgresql": f"DROP TRIGGER no_row ON {TABLE}; DROP FUNCTION no_row()",
}


@contextmanager
def no_audit_rows() -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute(REFUSE[connection.vendor])
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute(ALLOW[connection.vendor])
