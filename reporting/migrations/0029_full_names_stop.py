"""Another patient's full name stops every signature; what a site chose for names holds for those that may be said."""

from __future__ import annotations

from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

CHOICES = [
    ("laterality", "A side other than the order's"),
    ("contradiction", "Impression and findings name different sides"),
    ("sex", "An organ that the patient's sex does not have"),
    ("negation", "A sentence that denies what a field says"),
    ("another-name", "A name that another patient has too"),
    ("empty", "A section that must say something is empty"),
    ("placeholder", "A placeholder that is not filled in"),
    ("untyped", "A dictation that is not typed yet"),
    ("transcript", "Text typed from a dictation that its author did not check"),
]


def rename(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    """A site's own level goes to the rule that it can still choose one for."""
    levels = apps.get_model("reporting", "RuleLevel").objects.using(editor.connection.alias)
    levels.filter(rule="another-patient").update(rule="another-name")


def rename_back(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    levels = apps.get_model("reporting", "RuleLevel").objects.using(editor.connection.alias)
    levels.filter(rule="another-name").update(rule="another-patient")


class Migration(migrations.Migration):
    dependencies = [("reporting", "0028_further_copies")]

    operations = [
        migrations.AlterField(
            model_name="rulelevel", name="rule", field=models.CharField(choices=CHOICES, max_length=16)
        ),
        migrations.RunPython(rename, rename_back),
    ]
