from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('reporting', '0018_signing_tokens'),
    ]

    operations = [
        migrations.AlterField(
            model_name='amendment',
            name='kind',
            field=models.CharField(choices=[('addendum', 'Addendum'), ('correction', 'Correction'), ('withdrawal', 'Withdrawal')], max_length=10),
        ),
    ]
