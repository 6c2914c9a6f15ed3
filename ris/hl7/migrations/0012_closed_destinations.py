from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("hl7", "0011_department_orders")]

    operations = [
        migrations.AddField(
            model_name="destination",
            name="closed",
            field=models.BooleanField(
                db_default=False,
                default=False,
                help_text="The system is gone: nothing is written for it any more, and what waits is set aside.",
                verbose_name="closed for good",
            ),
        ),
        migrations.AlterField(
            model_name="destination",
            name="active",
            field=models.BooleanField(
                default=True,
                help_text="Switched off, nothing is sent: messages are written and wait, and go in order later.",
            ),
        ),
    ]
