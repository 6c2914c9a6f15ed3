"""The one row of Installation: the seed of every UID."""

from __future__ import annotations

from typing import Any

from django.db import migrations


def make(apps: Any, _editor: Any) -> None:
    installation = apps.get_model("accounts", "Installation")
    if not installation.objects.exists():
        installation.objects.create()


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]
    operations = [migrations.RunPython(make, migrations.RunPython.noop)]
