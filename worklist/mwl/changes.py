"""What was committed since the last look, exactly once, in one indexed query.

A number alone would not do: two transactions may commit in the other order than they drew their numbers. PostgreSQL is
asked which noted transactions a snapshot of the last look could not see; SQLite has one writer, whose numbers rise in
the order of the commits. A snapshot does not list the transaction that takes it: who looks while writing is told at
each look all that it wrote itself.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from django.db import connection

MOST: Final = 2000

POSTGRESQL: Final = """
SELECT pg_current_snapshot()::text, ARRAY(
    SELECT kind || ' ' || key FROM worklist_worklistchange
    WHERE xact >= pg_snapshot_xmin(%(last)s::pg_snapshot) AND (
        NOT pg_visible_in_snapshot(xact, %(last)s::pg_snapshot) OR xact = pg_current_xact_id_if_assigned())
    LIMIT %(most)s)
"""
SQLITE: Final = "SELECT id, kind, key FROM worklist_worklistchange WHERE id > %s ORDER BY id LIMIT %s"


@dataclass(frozen=True, slots=True)
class Changes:
    """Keys by kind, and the position after them. `too_many`: more than can be told apart; read everything anew."""

    position: str
    keys: dict[str, set[int]]
    too_many: bool = False


def position() -> str:
    """Where the log stands now: whatever is committed later comes after it."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT pg_current_snapshot()::text")
        else:
            cursor.execute("SELECT COALESCE(MAX(id), 0) FROM worklist_worklistchange")
        return str(cursor.fetchone()[0])


def since(last: str) -> Changes:
    """What was committed after `last`, a position."""
    return _since_snapshot(last) if connection.vendor == "postgresql" else _since_number(int(last))


def _since_snapshot(last: str) -> Changes:
    with connection.cursor() as cursor:
        cursor.execute(POSTGRESQL, {"last": last, "most": MOST + 1})
        now, notes = cursor.fetchone()
    return _changes(str(now), [(kind, int(key)) for kind, key in (note.split(" ") for note in notes)])


def _since_number(last: int) -> Changes:
    with connection.cursor() as cursor:
        cursor.execute(SQLITE, [last, MOST + 1])
        rows = cursor.fetchall()
    now = rows[-1][0] if len(rows) <= MOST and rows else last
    return _changes(str(now), [(kind, key) for _, kind, key in rows])


def _changes(now: str, notes: Iterable[tuple[str, int]]) -> Changes:
    keys: dict[str, set[int]] = defaultdict(set)
    count = 0
    for kind, key in notes:
        keys[kind].add(key)
        count += 1
    return Changes(now, keys, too_many=count > MOST)
