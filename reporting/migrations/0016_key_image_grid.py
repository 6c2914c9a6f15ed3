from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('reporting', '0015_dictations'),
    ]

    operations = [
        migrations.AddField(
            model_name='keyimage',
            name='grid',
            field=models.JSONField(db_default={}, default=dict, help_text='Where its pixels lie: reporting.publish.grid.'),
        ),
    ]
