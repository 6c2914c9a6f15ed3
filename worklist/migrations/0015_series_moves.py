from django.db import migrations, models

VERBS = [
    ("link", "Linked"),
    ("unlink", "Unlinked"),
    ("split", "Series given to another exam"),
    ("order", "Order made for it, linked"),
    ("series", "Series moved to another patient"),
]


class Migration(migrations.Migration):
    dependencies = [("worklist", "0014_wet_grade")]

    operations = [
        migrations.AddField(
            model_name="rehoming",
            name="found",
            field=models.JSONField(default=dict),
        ),
        migrations.AddField(
            model_name="rehoming",
            name="into",
            field=models.CharField(blank=True, db_default="", db_index=True, default="", max_length=64),
        ),
        migrations.AddField(
            model_name="rehoming",
            name="series",
            field=models.JSONField(default=list),
        ),
        migrations.AlterField(
            model_name="rehoming",
            name="kind",
            field=models.CharField(
                choices=[
                    ("link", "Linked to another exam"),
                    ("merge", "Patients merged"),
                    ("parted", "Merge taken back"),
                    ("restore", "Link taken back"),
                    ("late", "Late images"),
                    ("series", "Series of another patient"),
                ],
                max_length=8,
            ),
        ),
        migrations.RemoveConstraint(model_name="studydecision", name="study_decision_verb_known"),
        migrations.AlterField(
            model_name="studydecision",
            name="verb",
            field=models.CharField(choices=VERBS, max_length=8),
        ),
        migrations.AddConstraint(
            model_name="studydecision",
            constraint=models.CheckConstraint(
                condition=models.Q(("verb__in", [verb for verb, _words in VERBS])), name="study_decision_verb_known"
            ),
        ),
    ]
