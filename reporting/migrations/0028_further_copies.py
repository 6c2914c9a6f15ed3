"""Reports of several studies stand in each of them."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('reporting', '0027_when_it_was_told'),
    ]

    operations = [
        migrations.CreateModel(
            name='FurtherCopy',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('study_instance_uid', models.CharField(db_index=True, max_length=64)),
                ('sop_instance_uid', models.CharField(max_length=64, unique=True)),
                ('series_instance_uid', models.CharField(max_length=64)),
                ('sha256', models.CharField(blank=True, max_length=64)),
                ('body', models.BinaryField(null=True)),
                ('stored_at', models.DateTimeField(null=True)),
                ('publication', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='copies', to='reporting.publication')),
            ],
            options={
                'ordering': ['pk'],
                'constraints': [models.UniqueConstraint(fields=('publication', 'study_instance_uid'), name='further_copy_once_per_study')],
            },
        ),
    ]
