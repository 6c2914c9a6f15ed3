"""The words of the reports that are signed already, and the index over them."""

from __future__ import annotations

from typing import Any

import django.db.models.deletion
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from reporting.finding.index import build, remove
from reporting.finding.keeping import body_of


def fill(apps: Any, _editor: BaseDatabaseSchemaEditor) -> None:
    """One row for each report that has a version; later ones write their own."""
    texts = apps.get_model("reporting", "ReportText")
    reports = apps.get_model("reporting", "Report").objects.select_related("task").order_by("pk")
    for report in reports.filter(versions__isnull=False).distinct().iterator(chunk_size=500):
        newest = report.versions.order_by("-number").first()
        first = report.task.requested_procedures.select_related("procedure").order_by("pk").first()
        signer = newest.content.get("signer") or {"id": "", "name": ""}
        facts = {
            "site_id": report.site_id,
            "modality": first.procedure.modality if first else "",
            "year": newest.created_at.year,
            "signer_id": signer["id"],
            "signer_name": signer["name"],
        }
        texts.objects.create(report=report, body=body_of(newest, facts), **facts)


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0005_submission"),
        ("reporting", "0004_measurement_provenance"),
    ]

    operations = [
        migrations.CreateModel(
            name="ReportText",
            fields=[
                (
                    "report",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="words",
                        serialize=False,
                        to="reporting.report",
                    ),
                ),
                ("modality", models.CharField(blank=True, max_length=2)),
                ("year", models.PositiveSmallIntegerField()),
                ("signer_id", models.CharField(max_length=64)),
                ("signer_name", models.CharField(max_length=160)),
                ("body", models.TextField()),
                (
                    "site",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.site"
                    ),
                ),
            ],
        ),
        migrations.RunPython(build, remove),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
