"""When a report was issued, and when what is told of it last changed.

Of what was signed before, both are the moment of the newest version that left; of a draft when it was begun.
"""

from __future__ import annotations

import django.utils.timezone
from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models import F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce, Now


def remember(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    alias = editor.connection.alias
    reports = apps.get_model("reporting", "Report").objects.using(alias)
    versions = apps.get_model("reporting", "ReportVersion").objects.using(alias)
    left = versions.filter(Q(report__held_number=None) | Q(number__lt=F("report__held_number")), recall__isnull=True)
    newest = left.filter(report=OuterRef("pk")).order_by("-number").values("created_at")[:1]
    reports.update(issued_at=Subquery(newest), changed_at=Coalesce(Subquery(newest), F("created_at")))


class Migration(migrations.Migration):
    dependencies = [("reporting", "0026_words_of_fields")]

    operations = [
        migrations.AddField(
            model_name="report",
            name="issued_at",
            field=models.DateTimeField(db_index=True, help_text="When the newest version that left did so.", null=True),
        ),
        migrations.AddField(
            model_name="report",
            name="changed_at",
            field=models.DateTimeField(
                db_default=Now(),
                db_index=True,
                default=django.utils.timezone.now,
                help_text="When what is told of it last changed: it was begun, left, was recalled, lost images or has "
                "others.",
            ),
        ),
        migrations.RunPython(remember, migrations.RunPython.noop),
    ]
