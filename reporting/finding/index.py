"""The full-text index under `ReportText`: made once by a migration, kept fresh by the database."""

from __future__ import annotations

from typing import Any

from django.db.backends.base.schema import BaseDatabaseSchemaEditor

# Prefix indexes for the words that people begin; rowid is the report, so newest first is the index's own order.
SQLITE = (
    """CREATE VIRTUAL TABLE reporting_reporttext_fts USING fts5(body, content='reporting_reporttext',
    content_rowid='report_id', tokenize='unicode61 remove_diacritics 0', prefix='4 5 6')""",
    """CREATE TRIGGER reporting_reporttext_fts_in AFTER INSERT ON reporting_reporttext BEGIN
    INSERT INTO reporting_reporttext_fts(rowid, body) VALUES (new.report_id, new.body); END""",
    """CREATE TRIGGER reporting_reporttext_fts_out AFTER DELETE ON reporting_reporttext BEGIN
    INSERT INTO reporting_reporttext_fts(reporting_reporttext_fts, rowid, body)
    VALUES ('delete', old.report_id, old.body); END""",
    """CREATE TRIGGER reporting_reporttext_fts_anew AFTER UPDATE ON reporting_reporttext BEGIN
    INSERT INTO reporting_reporttext_fts(reporting_reporttext_fts, rowid, body)
    VALUES ('delete', old.report_id, old.body);
    INSERT INTO reporting_reporttext_fts(rowid, body) VALUES (new.report_id, new.body); END""",
)
POSTGRESQL = (
    """ALTER TABLE reporting_reporttext
    ADD COLUMN words tsvector GENERATED ALWAYS AS (to_tsvector('simple', body)) STORED""",
    "CREATE INDEX reporting_reporttext_fts ON reporting_reporttext USING gin (words)",
)
WITHOUT_SQLITE = (
    "DROP TRIGGER reporting_reporttext_fts_in",
    "DROP TRIGGER reporting_reporttext_fts_out",
    "DROP TRIGGER reporting_reporttext_fts_anew",
    "DROP TABLE reporting_reporttext_fts",
)
WITHOUT_POSTGRESQL = ("ALTER TABLE reporting_reporttext DROP COLUMN words",)


def build(_apps: Any, editor: BaseDatabaseSchemaEditor) -> None:
    for statement in SQLITE if editor.connection.vendor == "sqlite" else POSTGRESQL:
        editor.execute(statement)


def remove(_apps: Any, editor: BaseDatabaseSchemaEditor) -> None:
    for statement in WITHOUT_SQLITE if editor.connection.vendor == "sqlite" else WITHOUT_POSTGRESQL:
        editor.execute(statement)
