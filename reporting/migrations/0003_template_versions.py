"""Templates get versions, rules for choosing, and readings to try a mapping on."""

from __future__ import annotations

from typing import Any

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

MODALITIES = [
    ("CR", "Computed radiography"), ("CT", "Computed tomography"), ("DX", "Digital radiography"), ("MG", "Mammography"),
    ("MR", "Magnetic resonance"), ("NM", "Nuclear medicine"), ("OT", "Other"), ("PT", "Positron emission"),
    ("RF", "Fluoroscopy"), ("US", "Ultrasound"), ("XA", "Angiography"),
]  # fmt: skip
STATES = [("draft", "Draft"), ("published", "Published"), ("retired", "Retired")]


def state_of_active(apps: Any, _schema: Any) -> None:
    templates = apps.get_model("reporting", "ReportTemplate").objects
    templates.filter(active=True).update(state="published")
    templates.filter(active=False).update(state="retired")


def active_of_state(apps: Any, _schema: Any) -> None:
    templates = apps.get_model("reporting", "ReportTemplate").objects
    templates.filter(state="published").update(active=True)
    templates.exclude(state="published").update(active=False)


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0004_names_of_fields"),
        ("orders", "0006_paper_withdrawn"),
        ("reporting", "0002_append_only"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="SampleReading",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=120)),
                ("reading", models.JSONField(default=dict)),
                ("added_at", models.DateTimeField(auto_now_add=True)),
                ("added_by_name", models.CharField(blank=True, max_length=160)),
            ],
            options={"ordering": ["-added_at"]},
        ),
        migrations.CreateModel(
            name="TemplateRule",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("template_key", models.SlugField(
                    help_text="The key of a template that has a published version.", verbose_name="template")),
                ("modality", models.CharField(blank=True, choices=MODALITIES, max_length=2)),
                ("body_part", models.CharField(blank=True, max_length=32)),
                ("procedure", models.ForeignKey(
                    blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name="+",
                    to="orders.procedure")),
                ("radiologist", models.ForeignKey(
                    blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name="+",
                    to=settings.AUTH_USER_MODEL)),
                ("site", models.ForeignKey(
                    blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name="+",
                    to="accounts.site")),
            ],
            options={"ordering": ["template_key", "pk"]},
        ),
        migrations.AlterModelOptions(name="reporttemplate", options={"ordering": ["title", "key", "-version"]}),
        migrations.AddField("reporttemplate", "about", models.JSONField(blank=True, db_default={}, default=dict)),
        migrations.AddField(
            "reporttemplate", "body_part", models.CharField(blank=True, db_default="", default="", max_length=32)),
        migrations.AddField("reporttemplate", "changed_at", models.DateTimeField(auto_now=True, null=True)),
        migrations.AddField(
            "reporttemplate", "changed_by_name",
            models.CharField(blank=True, db_default="", default="", max_length=160)),
        migrations.AddField("reporttemplate", "published_at", models.DateTimeField(blank=True, null=True)),
        migrations.AddField("reporttemplate", "revision", models.PositiveIntegerField(db_default=0, default=0)),
        migrations.AddField("reporttemplate", "version", models.PositiveIntegerField(db_default=1, default=1)),
        migrations.AddField(
            "reporttemplate", "state",
            models.CharField(choices=STATES, db_default="draft", default="draft", max_length=10)),
        migrations.RunPython(state_of_active, active_of_state),
        migrations.RemoveField("reporttemplate", "active"),
        migrations.AlterField(
            "reporttemplate", "key",
            models.SlugField(help_text="Short and lasting. A procedure names its template by it.")),
        migrations.AddConstraint(
            "reporttemplate",
            models.CheckConstraint(
                condition=models.Q(("state__in", ["draft", "published", "retired"])), name="template_state_known")),
        migrations.AddConstraint(
            "reporttemplate", models.UniqueConstraint(fields=("key", "version"), name="template_version_once")),
        migrations.AddConstraint(
            "reporttemplate",
            models.UniqueConstraint(
                condition=models.Q(("state", "published")), fields=("key",), name="one_published_template")),
    ]
