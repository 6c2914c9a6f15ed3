"""Exams by the million: orders, procedures and cases poured in by the database itself, one statement for each table."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from shutil import copyfile
from typing import Any

from django.db import connection, models, transaction
from django.db.models.fields import NOT_PROVIDED
from django.utils import timezone

from ris.orders.models import Order, RequestedProcedure
from tests.bench import town
from tests.world import World
from worklist.models import ReadingTask

FIRST = 10_000_000
PEOPLE = 1_000
NUMBERS = """WITH RECURSIVE n(i) AS (SELECT CAST(%s AS bigint) UNION ALL SELECT i + 1 FROM n WHERE i < %s)"""


@dataclass(frozen=True, slots=True)
class Sql:
    """An expression over `i`, the number of the row."""

    text: str


def fill(world: World, *, first: int, last: int, unread: int) -> None:
    """Exams number `first` to `last` of the north site, of which so many wait to be read: nine of ten of these are the
    newest, one of ten was left behind anywhere in the archive. The people are those of `town`, settled before.
    """
    newest, every = last - unread * 9 // 10, max((last - first + 1) // max(unread // 10, 1), 1)
    waits = f"i > {newest} OR (i <= {newest} AND i % {every} = 0)"
    now = timezone.now()
    procedures = [world.procedure(code).pk for code in ("CTCHEST", "MRBRAIN", "DXCHEST", "USABD")]
    kind = "CASE i % 4 " + " ".join(f"WHEN {n} THEN {pk}" for n, pk in enumerate(procedures)) + " END"
    person, key = Sql(f"1 + i % {PEOPLE}"), Sql(f"{FIRST} + i")
    text = {
        "modalities": ("|CT|", "|MR|", "|DX|", "|US|"),
        "body_parts": ("|CHEST|", "|BRAIN|", "|CHEST|", "|ABDOMEN|"),
    }
    words = {name: Sql(_choose(values)) for name, values in text.items()}
    span = (first, last)
    with transaction.atomic():
        pour(Order, span, id=key, site_id=world.north.pk, patient_id=person, state="completed", placed_at=now,
             filler_number=Sql("'B' || i"), placed_by_id="1", placed_by_name="Bench")  # fmt: skip
        pour(RequestedProcedure, span, id=key, order_id=key, procedure_id=Sql(kind), accession_number=Sql("'B' || i"),
             accession_issuer="BENCH", requested_procedure_id=Sql("'B' || i"),
             study_instance_uid=Sql("'2.25.9' || i"))  # fmt: skip
        pour(ReadingTask, span, id=key, site_id=world.north.pk, patient_id=person, **words,
             state=Sql(f"CASE WHEN {waits} THEN 'waiting' ELSE 'reported' END"),
             priority=Sql("CASE WHEN i % 40 = 0 THEN 'STAT' ELSE 'ROUTINE' END"),
             rank=Sql("CASE WHEN i % 40 = 0 THEN 0 ELSE 2 END"), created_at=now, changed_at=now, exam_at=now,
             due_at=now + timedelta(days=2), image_count=120, image_state="complete")  # fmt: skip
        pour(ReadingTask.requested_procedures.through, span, readingtask_id=key, requestedprocedure_id=key)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def settle(world: World) -> None:
    town.settle(town.first(PEOPLE), world.north)


def _choose(values: tuple[str, ...]) -> str:
    return "CASE i % 4 " + " ".join(f"WHEN {n} THEN '{value}'" for n, value in enumerate(values)) + " END"


def pour(model: type[models.Model], span: tuple[int, int], **values: Any) -> None:
    """Rows number span[0] to span[1]; a column that is not named gets its default."""
    columns = {field.column: _value(field, values) for field in model._meta.concrete_fields if _wanted(field, values)}
    plain: list[Any] = [value for value in columns.values() if not isinstance(value, Sql)]
    chosen = ", ".join(value.text.replace("%", "%%") if isinstance(value, Sql) else "%s" for value in columns.values())
    names = ", ".join(connection.ops.quote_name(str(column)) for column in columns)
    table = connection.ops.quote_name(model._meta.db_table)
    with connection.cursor() as cursor:
        asked: list[Any] = [*span, *plain]
        cursor.execute(f"INSERT INTO {table} ({names}) {NUMBERS} SELECT {chosen} FROM n", asked)  # noqa: S608


def _wanted(field: models.Field[Any, Any], values: dict[str, Any]) -> bool:
    return field.attname in values or not (field.null or field.primary_key)


def _value(field: models.Field[Any, Any], values: dict[str, Any]) -> object:
    value = values.get(field.attname, field.get_default() if field.default is not NOT_PROVIDED else "")
    return value if isinstance(value, Sql) else field.get_db_prep_save(value, connection)


@contextmanager
def two_databases(place: Path) -> Iterator[tuple[str, str]]:
    """Names of the test's own database and of a copy of it as it is now; `use` goes from one to the other."""
    small = str(connection.settings_dict["NAME"])
    leave()
    if connection.vendor == "sqlite":
        large = str(place / "large.sqlite3")
        copyfile(small, large)
        yield small, large
        use(small)
        return
    large = f"{small}_large"
    everybody = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"
    with connection._nodb_cursor() as cursor:  # type: ignore[attr-defined]
        cursor.execute(everybody, [small])  # threads of this process that left connections behind
    with connection._nodb_cursor() as cursor:  # type: ignore[attr-defined]
        cursor.execute(f'CREATE DATABASE "{large}" TEMPLATE "{small}"')
    yield small, large
    use(small)
    with connection._nodb_cursor() as cursor:  # type: ignore[attr-defined]
        cursor.execute(f'DROP DATABASE "{large}" WITH (FORCE)')


def leave() -> None:
    """Close the connection, and the pool that would hand it out again."""
    connection.close()
    if connection.vendor == "postgresql":
        connection.close_pool()  # type: ignore[attr-defined]


def use(name: str) -> None:
    """What Django calls the database is `name` from now on."""
    leave()
    connection.settings_dict["NAME"] = name
    connection.connect()
