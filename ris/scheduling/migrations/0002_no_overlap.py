"""The database refuses two active reservations on one lane of one room."""

from __future__ import annotations

from django.db import migrations

from ris.scheduling.overlap import down, up


class Migration(migrations.Migration):
    dependencies = [("scheduling", "0001_initial")]
    operations = [migrations.RunPython(up, down)]
