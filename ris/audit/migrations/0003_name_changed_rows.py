"""A broken seal names its row, and no two seals follow the same one.

SQLite makes the table anew for a change of a column, and the triggers go with the old one: they are set again. On
PostgreSQL they refuse TRUNCATE too from here on.
"""

from django.db import migrations, models

from ris.audit.triggers import TABLES, protect, unprotect


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_append_only")]

    operations = [
        migrations.RunPython(unprotect(TABLES), protect(TABLES)),
        migrations.AddField(
            model_name="auditseal",
            name="fingerprints",
            field=models.TextField(
                blank=True, default="", help_text="Eight hex digits per row, to name the one that was changed."
            ),
            preserve_default=False,
        ),
        migrations.AlterField(
            model_name="auditseal",
            name="previous",
            field=models.CharField(max_length=64, unique=True),
        ),
        migrations.RunPython(protect(TABLES), unprotect(TABLES)),
    ]
