import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("worklist", "0013_saved_filter_group"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="WetGrade",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "grade",
                    models.CharField(
                        choices=[
                            ("none", "No difference"),
                            ("minor", "Minor: nothing changes for the patient"),
                            ("major", "Major: what was done on the wet read may be wrong"),
                        ],
                        max_length=5,
                    ),
                ),
                ("at", models.DateTimeField()),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="wet_grades",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "wet_read",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="grades", to="worklist.wetread"
                    ),
                ),
                (
                    "version",
                    models.PositiveBigIntegerField(help_text="The report version that it was signed with.", unique=True),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("grade__in", ["none", "minor", "major"])), name="wet_grade_known"
                    )
                ],
            },
        ),
    ]
