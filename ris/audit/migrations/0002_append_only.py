"""The database refuses to change or remove audit rows and seals."""

from __future__ import annotations

from django.db import migrations

from ris.audit.triggers import TABLES, protect, unprotect


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]
    operations = [migrations.RunPython(protect(TABLES), unprotect(TABLES))]
