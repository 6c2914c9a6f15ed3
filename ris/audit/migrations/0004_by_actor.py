"""What somebody looked at lately is found without reading everybody's."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("audit", "0003_name_changed_rows")]

    operations = [
        migrations.AddIndex(
            model_name="auditevent", index=models.Index(fields=["actor_id", "at"], name="audit_by_actor")
        ),
    ]
