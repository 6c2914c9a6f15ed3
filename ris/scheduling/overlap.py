"""The database's own refusal of two reservations on one lane of one room, or of one patient (DESIGN.md §5.5)."""

from __future__ import annotations

from typing import Any

from django.db.backends.base.schema import BaseDatabaseSchemaEditor

TABLE = "scheduling_reservation"
MARK = "reservation_overlap"
PATIENT_MARK = "patient_overlap"
SAME = {MARK: ("resource_id", "lane"), PATIENT_MARK: ("patient_id",)}


def _postgresql_up(mark: str) -> list[str]:
    same = ", ".join(f"{column} WITH =" for column in SAME[mark])
    return [
        "CREATE EXTENSION IF NOT EXISTS btree_gist",
        f"ALTER TABLE {TABLE} ADD CONSTRAINT {mark} EXCLUDE USING gist "
        f'({same}, tstzrange(start, "end") WITH &&) WHERE (active)',
    ]


def _sqlite_up(mark: str) -> list[str]:
    """An AFTER trigger sees the row's own id; an aborted statement leaves nothing behind."""
    same = " AND ".join(f"other.{column} = NEW.{column}" for column in SAME[mark])
    clash = (
        f"SELECT RAISE(ABORT, '{mark}') WHERE NEW.active AND EXISTS (SELECT 1 FROM {TABLE} other "  # noqa: S608
        f"WHERE other.active AND other.id <> NEW.id AND {same} "
        'AND other.start < NEW."end" AND other."end" > NEW.start)'
    )
    return [f"CREATE TRIGGER {mark}_{verb.lower()} AFTER {verb} ON {TABLE} BEGIN {clash}; END"
            for verb in ("INSERT", "UPDATE")]  # fmt: skip


def _down(vendor: str, mark: str) -> list[str]:
    if vendor == "postgresql":
        return [f"ALTER TABLE {TABLE} DROP CONSTRAINT IF EXISTS {mark}"]
    return [f"DROP TRIGGER IF EXISTS {mark}_{verb}" for verb in ("insert", "update")]


def refuse(editor: BaseDatabaseSchemaEditor, mark: str) -> None:
    """From now on the database refuses what `mark` names; asking again changes nothing."""
    vendor = editor.connection.vendor
    add = _postgresql_up(mark) if vendor == "postgresql" else _sqlite_up(mark)
    _run(editor, _down(vendor, mark) + add)


def allow(editor: BaseDatabaseSchemaEditor, mark: str) -> None:
    _run(editor, _down(editor.connection.vendor, mark))


def up(_apps: Any, editor: BaseDatabaseSchemaEditor) -> None:
    refuse(editor, MARK)


def down(_apps: Any, editor: BaseDatabaseSchemaEditor) -> None:
    allow(editor, MARK)


def _run(editor: BaseDatabaseSchemaEditor, statements: list[str]) -> None:
    for sql in statements:
        editor.execute(sql)
