"""How strictly a site takes each rule of reading over."""

from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0005_submission"),
        ("reporting", "0006_critical_findings"),
    ]

    operations = [
        migrations.CreateModel(
            name="RuleLevel",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "rule",
                    models.CharField(
                        choices=[
                            ("laterality", "A side other than the order's"),
                            ("contradiction", "Impression and findings name different sides"),
                            ("sex", "An organ that the patient's sex does not have"),
                            ("negation", "A sentence that denies what a field says"),
                            ("empty", "A section that must say something is empty"),
                            ("placeholder", "A placeholder that is not filled in"),
                        ],
                        max_length=16,
                    ),
                ),
                ("level", models.CharField(choices=[("stop", "Stop"), ("warn", "Warn"), ("off", "Off")], max_length=4)),
                (
                    "site",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="rule_levels", to="accounts.site"
                    ),
                ),
            ],
            options={
                "ordering": ["site", "rule"],
                "constraints": [models.UniqueConstraint(fields=("site", "rule"), name="rule_level_once")],
            },
        ),
    ]
