"""Which version of a report waits for its release, and what the report was for others before it."""

from __future__ import annotations

from typing import Any

from django.db import migrations, models


def name_what_waits(apps: Any, _editor: Any) -> None:
    """Until now only final versions waited."""
    versions = apps.get_model("reporting", "ReportVersion")
    for report in apps.get_model("reporting", "Report").objects.filter(held_until__isnull=False):
        rows = versions.objects.filter(report=report, recall__isnull=True)
        report.held_number = versions.objects.filter(report=report).order_by("-number")[0].number
        report.held_from = "preliminary" if rows.filter(kind="preliminary").exists() else "draft"
        report.save(update_fields=["held_number", "held_from"])


class Migration(migrations.Migration):

    dependencies = [
        ('reporting', '0013_letterhead'),
    ]

    operations = [
        migrations.AddField(
            model_name='report',
            name='held_from',
            field=models.CharField(blank=True, db_default='', default='', max_length=20),
        ),
        migrations.AddField(
            model_name='report',
            name='held_number',
            field=models.PositiveIntegerField(help_text='The version that waits.', null=True),
        ),
        migrations.RunPython(name_what_waits, migrations.RunPython.noop),
    ]
