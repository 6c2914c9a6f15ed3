"""Critical findings; what was told is only ever added to."""

from __future__ import annotations

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

from ris.audit.triggers import protect, unprotect

TABLES = ("reporting_communication",)


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0005_submission"),
        ("reporting", "0005_report_words"),
        ("worklist", "0010_rehoming_outside"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="CriticalFinding",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "category",
                    models.PositiveSmallIntegerField(
                        choices=[
                            (1, "Category 1: within minutes"),
                            (2, "Category 2: within hours"),
                            (3, "Category 3: within days"),
                        ]
                    ),
                ),
                ("finding", models.CharField(max_length=500)),
                ("recipient", models.CharField(help_text="Who must be told: a person, by name.", max_length=120)),
                (
                    "reach",
                    models.CharField(
                        blank=True, help_text="Telephone, pager or ward.", max_length=120, verbose_name="reached at"
                    ),
                ),
                ("flagged_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("due_at", models.DateTimeField()),
                ("escalations", models.PositiveSmallIntegerField(default=0)),
                (
                    "state",
                    models.CharField(
                        choices=[("open", "Open"), ("told", "Told"), ("withdrawn", "Withdrawn")],
                        default="open",
                        max_length=10,
                    ),
                ),
                ("withdrawn_because", models.CharField(blank=True, max_length=200)),
                (
                    "flagged_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "site",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.site"
                    ),
                ),
                (
                    "task",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="critical_findings",
                        to="worklist.readingtask",
                    ),
                ),
            ],
            options={
                "ordering": ["due_at", "pk"],
            },
        ),
        migrations.CreateModel(
            name="Communication",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("told", models.CharField(max_length=120, verbose_name="person told")),
                (
                    "way",
                    models.CharField(
                        choices=[
                            ("phone", "By telephone"),
                            ("person", "In person"),
                            ("message", "By secure message"),
                            ("page", "By pager"),
                        ],
                        max_length=8,
                        verbose_name="how",
                    ),
                ),
                ("reached", models.BooleanField(default=True)),
                ("read_back", models.BooleanField(default=False, verbose_name="read it back")),
                ("note", models.CharField(blank=True, max_length=200)),
                ("at", models.DateTimeField()),
                ("noted_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "critical",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="communications",
                        to="reporting.criticalfinding",
                    ),
                ),
            ],
            options={
                "ordering": ["at", "pk"],
            },
        ),
        migrations.CreateModel(
            name="CriticalInterval",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "category",
                    models.PositiveSmallIntegerField(
                        choices=[
                            (1, "Category 1: within minutes"),
                            (2, "Category 2: within hours"),
                            (3, "Category 3: within days"),
                        ]
                    ),
                ),
                ("minutes", models.PositiveIntegerField()),
                (
                    "site",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="critical_intervals",
                        to="accounts.site",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="EscalationContact",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("place", models.PositiveSmallIntegerField(default=1)),
                (
                    "reach",
                    models.CharField(
                        blank=True, help_text="Telephone or pager.", max_length=120, verbose_name="reached at"
                    ),
                ),
                (
                    "site",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="escalation_contacts",
                        to="accounts.site",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "ordering": ["site", "place", "pk"],
            },
        ),
        migrations.AddIndex(
            model_name="criticalfinding",
            index=models.Index(fields=["state", "due_at"], name="critical_due"),
        ),
        migrations.AddConstraint(
            model_name="criticalfinding",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["open", "told", "withdrawn"])), name="critical_state_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="criticalinterval",
            constraint=models.UniqueConstraint(fields=("site", "category"), name="critical_interval_once"),
        ),
        migrations.AddConstraint(
            model_name="escalationcontact",
            constraint=models.UniqueConstraint(fields=("site", "place"), name="escalation_place_once"),
        ),
        migrations.RunPython(protect(TABLES), unprotect(TABLES)),
    ]
