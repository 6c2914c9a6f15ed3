"""A log of what changes worklists; on PostgreSQL with the transaction that wrote each row."""

from __future__ import annotations

from typing import Any

import django.db.models.functions.datetime
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

TABLE = "worklist_worklistchange"


def name_transactions(_apps: Any, editor: BaseDatabaseSchemaEditor) -> None:
    if editor.connection.vendor != "postgresql":
        return
    editor.execute(f"ALTER TABLE {TABLE} ADD COLUMN xact xid8 NOT NULL DEFAULT pg_current_xact_id()")
    editor.execute(f"CREATE INDEX worklist_change_xact ON {TABLE} (xact)")


class Migration(migrations.Migration):
    dependencies = [("worklist", "0004_mpps_transfer_syntax")]
    operations = [
        migrations.CreateModel(
            name="WorklistChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=12)),
                ("key", models.BigIntegerField()),
                ("at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), db_index=True)),
            ],
        ),
        migrations.RunPython(name_transactions, migrations.RunPython.noop),
    ]
