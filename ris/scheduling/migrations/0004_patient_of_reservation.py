"""Each reservation says whose time it takes."""

from __future__ import annotations

from typing import Any

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def fill(apps: Any, _editor: BaseDatabaseSchemaEditor) -> None:
    """Who was booked twice at once before this rule keeps both; only the first then counts for it."""
    until: dict[int, Any] = {}
    rows = apps.get_model("scheduling", "Reservation").objects.select_related("appointment").order_by("start", "pk")
    for row in rows:
        patient = row.appointment.patient_id
        if row.active and until.get(patient, row.start) > row.start:
            continue
        row.patient_id = patient
        row.save(update_fields=["patient"])
        if row.active:
            until[patient] = row.end


class Migration(migrations.Migration):
    dependencies = [("scheduling", "0003_calendar")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
