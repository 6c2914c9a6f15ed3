"""The database notes what may change a worklist, whoever writes it: a row of WorklistChange for each touched row.

Triggers and not signals or actions: a bulk update, a shell, another program are noted as well. They are put in place
after each migrate, since Django makes a table of SQLite anew when it alters one, and loses them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from django.apps import apps
from django.db import connections

LOG: Final = "worklist_worklistchange"
FUNCTION: Final = "worklist_note_change"
PREFIX: Final = "worklist_noted"


@dataclass(frozen=True, slots=True)
class Source:
    """Rows of a model are noted as `kind` with the value of `column`, at each of `verbs`; `quiet` columns are not."""

    model: str
    kind: str
    column: str
    verbs: tuple[str, ...]
    quiet: tuple[str, ...] = ()

    @property
    def table(self) -> str:
        return apps.get_model(self.model)._meta.db_table

    @property
    def columns(self) -> list[str]:
        """What an update must touch to count."""
        fields = apps.get_model(self.model)._meta.concrete_fields
        return [field.column for field in fields if field.column not in self.quiet]

    def touch(self, verb: str) -> str:
        """What sets the trigger off, as SQL says it."""
        if verb == "UPDATE" and self.quiet:
            return "UPDATE OF " + ", ".join(f'"{column}"' for column in self.columns)
        return verb

    def name(self, verb: str) -> str:
        return f"{PREFIX}_{self.table}_{verb.lower()}"


SIDES: Final = {"INSERT": ("NEW",), "UPDATE": ("NEW", "OLD"), "DELETE": ("OLD",)}
ALL: Final = tuple(SIDES)
SOURCES: Final = (
    Source("scheduling.ScheduledProcedureStep", "step", "id", ALL),
    Source("orders.RequestedProcedure", "requested", "id", ("UPDATE",)),
    Source("orders.Protocol", "requested", "requested_procedure_id", ALL),
    Source("orders.Order", "order", "id", ("UPDATE",)),
    Source("orders.SafetyAnswer", "order", "order_id", ALL),
    Source("orders.Procedure", "catalogue", "id", ("UPDATE",)),
    Source("patients.Patient", "person", "id", ("UPDATE",)),
    Source("patients.PatientIdentifier", "person", "patient_id", ALL),
    Source("patients.PatientAlert", "person", "patient_id", ALL),
    Source("accounts.Site", "site", "id", ("UPDATE",)),
    Source("dicom.Node", "fleet", "id", ALL, quiet=("last_seen_at",)),
    Source("dicom.DeviceProfile", "fleet", "id", ALL),
)


def install(using: str = "default", **signal: Any) -> None:
    """Put every trigger in place; heard after each migrate (a flush has no plan, and takes no trigger away)."""
    connection = connections[using]
    if "plan" not in signal or LOG not in connection.introspection.table_names():
        return
    with connection.cursor() as cursor:
        for statement in _postgresql() if connection.vendor == "postgresql" else _sqlite():
            cursor.execute(statement)


def _postgresql() -> Iterator[str]:
    note = f"INSERT INTO {LOG} (kind, key) VALUES (TG_ARGV[0], touched);"  # noqa: S608  names of ours
    touched = "EXECUTE format('SELECT ($1).%I', TG_ARGV[1]) INTO touched USING"
    yield (
        f"CREATE OR REPLACE FUNCTION {FUNCTION}() RETURNS trigger LANGUAGE plpgsql AS $$ DECLARE touched bigint; BEGIN "
        f"IF TG_OP <> 'DELETE' THEN {touched} NEW; {note} END IF; "
        f"IF TG_OP <> 'INSERT' THEN {touched} OLD; {note} END IF; "
        f"RETURN NULL; END $$"
    )
    for source in SOURCES:
        for verb in source.verbs:
            yield f'DROP TRIGGER IF EXISTS {source.name(verb)} ON "{source.table}"'
            yield (
                f'CREATE TRIGGER {source.name(verb)} AFTER {source.touch(verb)} ON "{source.table}" FOR EACH ROW '
                f"EXECUTE FUNCTION {FUNCTION}('{source.kind}', '{source.column}')"
            )


def _sqlite() -> Iterator[str]:
    for source in SOURCES:
        for verb in source.verbs:
            notes = " ".join(_note(source, side) for side in SIDES[verb])
            yield f"DROP TRIGGER IF EXISTS {source.name(verb)}"
            touch = source.touch(verb)
            yield f'CREATE TRIGGER {source.name(verb)} AFTER {touch} ON "{source.table}" BEGIN {notes} END'


def _note(source: Source, side: str) -> str:
    return f"INSERT INTO {LOG} (kind, key) VALUES ('{source.kind}', {side}.\"{source.column}\");"  # noqa: S608
