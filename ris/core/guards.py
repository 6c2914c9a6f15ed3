"""The database's own guard over states: no row that begins where none does, no move that a lifecycle does not know, no
change to what is closed or fixed.

Triggers, made from the tables in `lifecycle.py` and from the models: a bulk update, a shell, another program are
refused as the program's own code is. They step aside while a migration runs, and are put in place anew after each: a
table of SQLite that Django alters is made anew, and loses them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from django.apps import apps
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

from ris.core.lifecycle import Lifecycle

PREFIX: Final = "isocenter_guard"
ILLEGAL: Final = "illegal move"
FIXED: Final = "write-once"
CLOSED: Final = "closed"
KEPT: Final = "never removed"
BORN: Final = "illegal beginning"
VERBS: Final = ("INSERT", "UPDATE", "DELETE")


@dataclass(frozen=True, slots=True)
class Guard:
    """Rows of `model` move along `table`, and along nothing else.

    `fixed`: fields that never change once they are written. `closed`: group of states in which nothing changes but the
    state, where the table has a move, and the fields in `free`; a closed row is not removed. `kept`: none is. `born`:
    the states in which a row is written first; () for any.
    """

    model: str
    table: Lifecycle
    fixed: tuple[str, ...] = ()
    closed: str = ""
    free: tuple[str, ...] = ()
    kept: bool = False
    born: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return apps.get_model(self.model)._meta.db_table

    @property
    def state(self) -> str:
        return self._column(self.table.attribute)

    @property
    def moves(self) -> list[tuple[str, str]]:
        """Each pair of states that some verb leads along."""
        return sorted({(old, new) for (old, _verb), new in self.table.table.items() if old != new})

    @property
    def fixed_columns(self) -> list[str]:
        return [self._column(field) for field in self.fixed]

    @property
    def closed_columns(self) -> list[str]:
        """What stays as it is in a closed row: every column that is not named as free."""
        free = {self.table.attribute, *self.free, *self.fixed}
        return [field.column for field in apps.get_model(self.model)._meta.concrete_fields if field.name not in free]

    def _column(self, field: str) -> str:
        return str(apps.get_model(self.model)._meta.get_field(field).column)

    def trigger(self, verb: str) -> str:
        return f"{PREFIX}_{self.name}_{verb.lower()}"


def faults(guard: Guard, verb: str, vendor: str) -> Iterator[tuple[str, str]]:
    """What is refused: (condition on OLD and NEW, words)."""
    if verb == "INSERT":
        if guard.born:
            yield f'NEW."{guard.state}" NOT IN ({_listed(guard.born)})', f"{BORN}: {guard.state} of {guard.name}"
        return
    state = f'OLD."{guard.state}"'
    closed = f"{state} IN ({_listed(sorted(guard.table.groups[guard.closed]))})" if guard.closed else ""
    if verb == "DELETE":
        if guard.kept or closed:
            yield ("TRUE" if guard.kept else closed), f"{KEPT}: a row of {guard.name}"
        return
    moves = ", ".join(f"('{old}', '{new}')" for old, new in guard.moves)
    known = f'({state}, NEW."{guard.state}") IN (VALUES {moves})'
    yield f"{_changed([guard.state], vendor)} AND NOT {known}", f"{ILLEGAL}: {guard.state} of {guard.name}"
    if guard.fixed:
        yield _changed(guard.fixed_columns, vendor), f"{FIXED}: a column of {guard.name}"
    if closed:
        yield f"{closed} AND ({_changed(guard.closed_columns, vendor)})", f"{CLOSED}: a row of {guard.name}"


def _changed(columns: Iterable[str], vendor: str) -> str:
    other = "IS DISTINCT FROM" if vendor == "postgresql" else "IS NOT"
    return " OR ".join(f'OLD."{column}" {other} NEW."{column}"' for column in columns)


def _listed(values: Iterable[str]) -> str:
    return ", ".join(f"'{value}'" for value in values)


def statements(guard: Guard, vendor: str, verbs: Iterable[str] = VERBS) -> Iterator[str]:
    """The SQL that puts a guard in place; asking again changes nothing."""
    yield from removals(guard, vendor, verbs)
    for verb in verbs:
        refused = list(faults(guard, verb, vendor))
        if refused and vendor == "postgresql":
            yield from _postgresql(guard, verb, refused)
        elif refused:
            yield _sqlite(guard, verb, refused)


def _postgresql(guard: Guard, verb: str, refused: list[tuple[str, str]]) -> Iterator[str]:
    name, row = guard.trigger(verb), "OLD" if verb == "DELETE" else "NEW"
    tests = " ".join(
        f"IF {condition} THEN RAISE EXCEPTION '{words}' USING ERRCODE = 'integrity_constraint_violation'; END IF;"
        for condition, words in refused
    )
    yield (
        f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {tests} RETURN {row}; END $$"
    )
    yield f'CREATE TRIGGER {name} BEFORE {verb} ON "{guard.name}" FOR EACH ROW EXECUTE FUNCTION {name}()'


def _sqlite(guard: Guard, verb: str, refused: list[tuple[str, str]]) -> str:
    tests = " ".join(f"SELECT RAISE(ABORT, '{words}') WHERE {condition};" for condition, words in refused)
    return f'CREATE TRIGGER {guard.trigger(verb)} BEFORE {verb} ON "{guard.name}" BEGIN {tests} END'


def removals(guard: Guard, vendor: str, verbs: Iterable[str] = VERBS) -> Iterator[str]:
    for verb in verbs:
        table = f' ON "{guard.name}"' if vendor == "postgresql" else ""
        yield f"DROP TRIGGER IF EXISTS {guard.trigger(verb)}{table}"


def put(connection: BaseDatabaseWrapper, guards: Iterable[Guard], verbs: Iterable[str] = VERBS) -> None:
    """Put the guards in place."""
    _run(connection, [sql for guard in guards for sql in statements(guard, connection.vendor, verbs)])


def take_away(connection: BaseDatabaseWrapper, guards: Iterable[Guard], verbs: Iterable[str] = VERBS) -> None:
    _run(connection, [sql for guard in guards for sql in removals(guard, connection.vendor, verbs)])


def _run(connection: BaseDatabaseWrapper, wanted: list[str]) -> None:
    if connection.vendor == "postgresql" and connection.in_atomic_block:
        connection.check_constraints()  # a trigger is not taken from a table whose foreign keys still wait
    with connection.cursor() as cursor:
        for sql in wanted:
            cursor.execute(sql)  # no parameters: nothing in it is a placeholder


@contextmanager
def lifted(connection: BaseDatabaseWrapper, guards: Iterable[Guard], verbs: Iterable[str] = VERBS) -> Iterator[None]:
    """As somebody with the database's own password could: the guards are away for a moment."""
    held = list(guards)
    take_away(connection, held, verbs)
    try:
        yield
    finally:
        put(connection, held, verbs)


def before_migrating(guards: tuple[Guard, ...], using: str = "default", **signal: Any) -> None:
    """A migration may have to bend what is guarded, and drops no column that a trigger names."""
    if signal.get("plan"):
        connection = connections[using]
        take_away(connection, [guard for guard in guards if guard.name in _tables(connection)])


def after_migrating(guards: tuple[Guard, ...], using: str = "default", **signal: Any) -> None:
    """Heard after each migrate (a flush has no plan, and takes no trigger away).

    Where the tables do not stand as the models have them, on the way back to an earlier schema, nothing is guarded.
    """
    if "plan" in signal:
        connection = connections[using]
        there = [guard for guard in guards if guard.name in _tables(connection)]
        put(connection, [guard for guard in there if _columns(guard) <= _found(connection, guard)])


def _tables(connection: BaseDatabaseWrapper) -> set[str]:
    return set(connection.introspection.table_names())


def _columns(guard: Guard) -> set[str]:
    return {guard.state, *guard.fixed_columns, *(guard.closed_columns if guard.closed else ())}


def _found(connection: BaseDatabaseWrapper, guard: Guard) -> set[str]:
    with connection.cursor() as cursor:
        return {column.name for column in connection.introspection.get_table_description(cursor, guard.name)}
