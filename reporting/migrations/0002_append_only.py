"""The database refuses to change or remove what was signed."""

from __future__ import annotations

from django.db import migrations

from ris.audit.triggers import protect, unprotect

TABLES = ("reporting_reportversion", "reporting_signature", "reporting_artifact")


class Migration(migrations.Migration):
    dependencies = [("reporting", "0001_initial"), ("audit", "0002_append_only")]
    operations = [migrations.RunPython(protect(TABLES), unprotect(TABLES))]
