"""A time between signature and release; who saved a draft last; who called about a report."""

from __future__ import annotations

import django.core.validators
import django.db.models.deletion
from django.db import migrations, models

from ris.audit.triggers import protect, unprotect

TABLES = ("reporting_recall",)


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0005_submission'),
        ('reporting', '0011_signing_keys'),
    ]

    operations = [
        migrations.AddField(
            model_name='amendment',
            name='called_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='amendment',
            name='caller',
            field=models.CharField(blank=True, db_default='', default='', max_length=120),
        ),
        migrations.AddField(
            model_name='report',
            name='held_until',
            field=models.DateTimeField(help_text='Signed and not released: nothing of it leaves before.', null=True),
        ),
        migrations.AddField(
            model_name='report',
            name='saved_by_id',
            field=models.CharField(blank=True, db_default='', default='', max_length=64),
        ),
        migrations.CreateModel(
            name='PublishDelay',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('minutes', models.PositiveSmallIntegerField(validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(60)])),
                ('site', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='publish_delay', to='accounts.site')),
            ],
        ),
        migrations.CreateModel(
            name='Recall',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('by_id', models.CharField(max_length=64)),
                ('by_name', models.CharField(max_length=160)),
                ('at', models.DateTimeField()),
                ('version', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='recall', to='reporting.reportversion')),
            ],
        ),
        migrations.RunPython(protect(TABLES), unprotect(TABLES)),
    ]
