from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('reporting', '0019_withdrawal_drafts'),
    ]

    operations = [
        migrations.AddField(
            model_name='amendment',
            name='fields',
            field=models.JSONField(db_default={}, default=dict),
        ),
        migrations.AddField(
            model_name='amendment',
            name='key_images',
            field=models.JSONField(db_default=[], default=list),
        ),
    ]
