"""The database refuses one patient in two places. The refusal for rooms is put up anew: a rebuilt table lost it."""

from __future__ import annotations

from typing import Any

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from ris.scheduling.overlap import MARK, PATIENT_MARK, allow, refuse


def up(_apps: Any, editor: BaseDatabaseSchemaEditor) -> None:
    for mark in (MARK, PATIENT_MARK):
        refuse(editor, mark)


def down(_apps: Any, editor: BaseDatabaseSchemaEditor) -> None:
    allow(editor, PATIENT_MARK)


class Migration(migrations.Migration):
    dependencies = [("scheduling", "0004_patient_of_reservation")]
    operations = [migrations.RunPython(up, down)]
