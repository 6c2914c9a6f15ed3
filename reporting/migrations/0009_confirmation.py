"""How far an attending agreed, and what went back to its author; both only added to."""

from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models


from ris.audit.triggers import protect, unprotect

TABLES = ("reporting_agreement", "reporting_return")


class Migration(migrations.Migration):

    dependencies = [
        ('reporting', '0008_amendments'),
    ]

    operations = [
        migrations.CreateModel(
            name='Return',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('comment', models.CharField(max_length=1000)),
                ('by_id', models.CharField(max_length=64)),
                ('by_name', models.CharField(max_length=160)),
                ('at', models.DateTimeField()),
                ('report', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='returns', to='reporting.report')),
            ],
            options={
                'ordering': ['-at', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='Agreement',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('grade', models.CharField(choices=[('none', 'No difference'), ('minor', 'Minor: nothing changes for the patient'), ('major', 'Major: what was done on the preliminary may be wrong')], max_length=5)),
                ('preliminary', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='graded_by', to='reporting.reportversion')),
                ('version', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='agreement', to='reporting.reportversion')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('grade__in', ['none', 'minor', 'major'])), name='agreement_known')],
            },
        ),
        migrations.RunPython(protect(TABLES), unprotect(TABLES)),
    ]
