"""Append-only tables: the database itself refuses UPDATE and DELETE (and TRUNCATE on PostgreSQL)."""

from __future__ import annotations

from typing import Any

from django.db.backends.base.schema import BaseDatabaseSchemaEditor

TABLES = ("audit_auditevent", "audit_auditseal")

PG_FUNCTION = """
CREATE OR REPLACE FUNCTION isocenter_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'append-only: % on % is refused', TG_OP, TG_TABLE_NAME; END $$
"""


def statements(vendor: str, table: str) -> list[str]:
    """The SQL that makes one table append-only."""
    if vendor == "postgresql":
        return [
            PG_FUNCTION,
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION isocenter_append_only()",
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION isocenter_append_only()",
        ]
    return [
        f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, 'append-only: {verb} on {table} is refused'); END"
        for verb in ("UPDATE", "DELETE")
    ]


def removals(vendor: str, table: str) -> list[str]:
    if vendor == "postgresql":
        return [f"DROP TRIGGER IF EXISTS {table}_{name} ON {table}" for name in ("append_only", "no_truncate")]
    return [f"DROP TRIGGER IF EXISTS {table}_no_{verb}" for verb in ("update", "delete")]


def protect(tables: tuple[str, ...]) -> Any:
    """A migration step that makes the tables append-only."""

    def forward(_apps: Any, editor: BaseDatabaseSchemaEditor) -> None:
        for table in tables:
            for sql in statements(editor.connection.vendor, table):
                editor.execute(sql, None)  # no parameters: psycopg must not read the % of RAISE

    return forward


def unprotect(tables: tuple[str, ...]) -> Any:
    """The way back."""

    def backward(_apps: Any, editor: BaseDatabaseSchemaEditor) -> None:
        for table in tables:
            for sql in removals(editor.connection.vendor, table):
                editor.execute(sql, None)  # no parameters: psycopg must not read the % of RAISE

    return backward
