"""The refusals of overlaps are put up anew: SQLite rebuilt the table of reservations, and a rebuilt one lost them."""

from __future__ import annotations

from typing import Any

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from ris.scheduling.overlap import MARK, PATIENT_MARK, refuse


def up(_apps: Any, editor: BaseDatabaseSchemaEditor) -> None:
    for mark in (MARK, PATIENT_MARK):
        refuse(editor, mark)


class Migration(migrations.Migration):
    dependencies = [("scheduling", "0009_parts")]
    operations = [migrations.RunPython(up, migrations.RunPython.noop)]
