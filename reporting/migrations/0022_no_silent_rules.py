"""No rule of reading over can be silenced any more: what was off warns."""

from __future__ import annotations

from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def warn(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    """What was off."""
    levels = apps.get_model("reporting", "RuleLevel").objects.using(editor.connection.alias)
    levels.filter(level="off").update(level="warn")


class Migration(migrations.Migration):
    dependencies = [("reporting", "0021_another_patient")]

    operations = [
        migrations.RunPython(warn, migrations.RunPython.noop),
        migrations.AlterField(
            model_name="rulelevel",
            name="level",
            field=models.CharField(choices=[("stop", "Stop"), ("warn", "Warn")], max_length=4),
        ),
        migrations.AlterField(
            model_name="rulelevel",
            name="rule",
            field=models.CharField(
                choices=[
                    ("laterality", "A side other than the order's"),
                    ("contradiction", "Impression and findings name different sides"),
                    ("sex", "An organ that the patient's sex does not have"),
                    ("negation", "A sentence that denies what a field says"),
                    ("another-patient", "A name of another patient"),
                    ("empty", "A section that must say something is empty"),
                    ("placeholder", "A placeholder that is not filled in"),
                    ("untyped", "A dictation that is not typed yet"),
                    ("transcript", "Text typed from a dictation that its author did not check"),
                ],
                max_length=16,
            ),
        ),
        migrations.AddConstraint(
            model_name="rulelevel",
            constraint=models.CheckConstraint(
                condition=models.Q(("level__in", ("stop", "warn"))), name="rule_level_known"
            ),
        ),
    ]
