from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('orders', '0008_placer_issuer'),
    ]

    operations = [
        migrations.AddField(
            model_name='order',
            name='patient_class',
            field=models.CharField(blank=True, choices=[('E', 'Emergency'), ('I', 'Inpatient'), ('O', 'Outpatient'), ('P', 'Pre-admission'), ('R', 'Recurring patient'), ('B', 'Obstetrics'), ('C', 'Commercial account'), ('N', 'Not applicable'), ('U', 'Unknown')], db_default='', default='', max_length=1),
        ),
        migrations.AddField(
            model_name='order',
            name='visit_issuer',
            field=models.CharField(blank=True, db_default='', default='', help_text='Whose number that is; empty: not known.', max_length=64),
        ),
        migrations.AddField(
            model_name='order',
            name='visit_number',
            field=models.CharField(blank=True, db_default='', default='', help_text='Of the stay or visit that this is asked in.', max_length=64),
        ),
    ]
