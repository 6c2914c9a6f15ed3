"""Addenda and corrections while they are written; copies that are not sent any more."""

from __future__ import annotations

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('reporting', '0007_rule_levels'),
    ]

    operations = [
        migrations.CreateModel(
            name='Amendment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('addendum', 'Addendum'), ('correction', 'Correction')], max_length=10)),
                ('texts', models.JSONField(default=list)),
                ('reason', models.CharField(blank=True, max_length=400)),
                ('left_out', models.JSONField(default=list)),
                ('base', models.PositiveIntegerField()),
                ('revision', models.PositiveIntegerField(default=0)),
                ('state', models.CharField(choices=[('draft', 'Draft'), ('dropped', 'Dropped'), ('signed', 'Signed')], default='draft', max_length=8)),
                ('author_id', models.CharField(max_length=64)),
                ('author_name', models.CharField(max_length=160)),
                ('saved_at', models.DateTimeField()),
            ],
            options={
                'ordering': ['pk'],
            },
        ),
        migrations.RemoveConstraint(
            model_name='publication',
            name='archive_state_known',
        ),
        migrations.AlterField(
            model_name='publication',
            name='archive_state',
            field=models.CharField(choices=[('archived', 'Archived'), ('failed', 'Failed'), ('pending', 'Pending'), ('withheld', 'Withheld')], default='pending', max_length=10),
        ),
        migrations.AddConstraint(
            model_name='publication',
            constraint=models.CheckConstraint(condition=models.Q(('archive_state__in', ['archived', 'failed', 'pending', 'withheld'])), name='archive_state_known'),
        ),
        migrations.AddField(
            model_name='amendment',
            name='report',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='amendments', to='reporting.report'),
        ),
        migrations.AddConstraint(
            model_name='amendment',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['draft', 'dropped', 'signed'])), name='amendment_state_known'),
        ),
        migrations.AddConstraint(
            model_name='amendment',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'draft')), fields=('report', 'kind', 'author_id'), name='amendment_draft_once'),
        ),
    ]
