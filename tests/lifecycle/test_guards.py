"""The database's own guard: raw SQL moves a row along its lifecycle's table and along nothing else."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import IntegrityError, connection, models, transaction

from reporting.guards import GUARDS
from ris.core.guards import Guard, put, take_away
from tests.lifecycle.tables import AXES
from tests.lifecycle.test_tables import in_state, read

pytestmark = [pytest.mark.django_db, pytest.mark.db]

Thing = Callable[[str], models.Model]
AXIS = {id(axis.table): name for name, axis in AXES.items()}
NAMES = [AXIS[id(guard.table)] for guard in GUARDS]


def guard_of(name: str) -> Guard:
    return next(guard for guard in GUARDS if AXIS[id(guard.table)] == name)


def refused(row: models.Model, sql: str, *values: str) -> str:
    """What the database says of a raw statement on the row's table; "" when it took it."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"{sql} WHERE id = %s", (*values, row.pk))
            transaction.set_rollback(True)
    except IntegrityError as error:
        return str(error).partition("\n")[0]
    return ""


def put_into(row: models.Model, guard: Guard, state: str) -> None:
    """With the guard in place from now on."""
    take_away(connection, [guard])
    in_state(row, guard.table, state)
    put(connection, [guard])


@pytest.mark.parametrize("name", NAMES)
def test_raw_sql_makes_the_moves_of_the_table_and_no_other(name: str, thing: Thing) -> None:
    guard, row = guard_of(name), thing(name)
    legal = {(old, new) for (old, _verb), new in guard.table.table.items()} | {(one, one) for one in guard.table.states}
    for old in guard.table.states:
        put_into(row, guard, old)
        for new in guard.table.states:
            words = refused(row, f"UPDATE {guard.name} SET {guard.state} = %s", new)  # noqa: S608
            expected = "" if (old, new) in legal else f"illegal move: {guard.state} of {guard.name}"
            assert words == expected, f"{old} to {new}"
        assert read(row, guard.table) == old


@pytest.mark.parametrize("name", [AXIS[id(guard.table)] for guard in GUARDS if guard.born])
def test_raw_sql_writes_no_row_that_is_already_signed_told_or_archived(name: str, thing: Thing) -> None:
    guard, row = guard_of(name), thing(name)
    columns = [field.column for field in row._meta.concrete_fields if not field.primary_key]
    chosen = ", ".join("%s" if column == guard.state else f'"{column}"' for column in columns)
    listed = ", ".join(f'"{column}"' for column in columns)
    put(connection, [guard])
    for state in guard.table.states:
        sql = f'INSERT INTO "{guard.name}" ({listed}) SELECT {chosen} FROM "{guard.name}"'  # noqa: S608
        words = refused(row, sql, state)
        assert (words == f"illegal beginning: {guard.state} of {guard.name}") is (state not in guard.born), state
    take_away(connection, [guard])


WORDS = [
    ("critical finding", "open", column)
    for column in ("finding", "recipient", "reach", "category", "flagged_by_id", "flagged_at", "task_id", "site_id")
] + [("archived copy", "pending", "sop_instance_uid"), ("archived copy", "failed", "series_instance_uid")]


@pytest.mark.parametrize(("name", "state", "column"), WORDS)
def test_what_was_written_once_is_written_by_nothing_again(name: str, state: str, column: str, thing: Thing) -> None:
    guard, row = guard_of(name), thing(name)
    put_into(row, guard, state)
    words = refused(row, f"UPDATE {guard.name} SET {column} = {another(column)}")  # noqa: S608
    assert words == f"write-once: a column of {guard.name}"


def another(column: str) -> str:
    """SQL for a value that the column does not hold, and could."""
    if column in ("finding", "recipient", "reach", "sop_instance_uid", "series_instance_uid"):
        return "'2.25.1'"
    return "'2001-01-01 00:00:00+00:00'" if column == "flagged_at" else f"{column} + 1"


CHANGES = {
    "report": ("content = '{}'", ["final", "corrected", "appended", "entered-in-error"], ["draft", "preliminary"]),
    "amendment": ("texts = '[]'", ["signed"], ["draft"]),
    "critical finding": ("withdrawn_because = 'Another.'", ["withdrawn"], ["open", "told"]),
    "archived copy": ("archived_at = '2001-01-01 00:00:00+00:00'", ["archived", "withheld"], ["pending", "failed"]),
}


@pytest.mark.parametrize("name", CHANGES)
def test_what_is_closed_keeps_its_words_and_what_is_open_takes_others(name: str, thing: Thing) -> None:
    guard, row = guard_of(name), thing(name)
    change, closed, still_open = CHANGES[name]
    for state in closed + still_open:
        put_into(row, guard, state)
        words = refused(row, f"UPDATE {guard.name} SET {change}")  # noqa: S608
        assert words == (f"closed: a row of {guard.name}" if state in closed else ""), state


@pytest.mark.parametrize(
    ("name", "state"),
    [("report", "final"), ("amendment", "signed"), ("critical finding", "open"), ("critical finding", "withdrawn"),
     ("archived copy", "pending"), ("archived copy", "archived")],
)  # fmt: skip
def test_what_counts_is_not_removed_either(name: str, state: str, thing: Thing) -> None:
    guard, row = guard_of(name), thing(name)
    put_into(row, guard, state)
    assert refused(row, f"DELETE FROM {guard.name}") == f"never removed: a row of {guard.name}"  # noqa: S608
