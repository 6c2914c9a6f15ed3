from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('orders', '0009_visits'),
    ]

    operations = [
        migrations.AddField(
            model_name='order',
            name='wanted_from',
            field=models.DateTimeField(blank=True, help_text='Not before; empty: at any time.', null=True),
        ),
    ]
