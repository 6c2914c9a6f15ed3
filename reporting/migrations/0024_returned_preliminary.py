"""Preliminary reports that went back to their authors are preliminary still for those who were told."""

from __future__ import annotations

from typing import Any

from django.db import migrations


def remember(apps: Any, _schema: Any) -> None:
    told = apps.get_model("reporting", "ReportVersion").objects.filter(kind="preliminary", recall__isnull=True)
    drafts = apps.get_model("reporting", "Report").objects.filter(state="draft", held_until=None, held_from="")
    drafts.filter(pk__in=told.values("report")).update(held_from="preliminary")


class Migration(migrations.Migration):
    dependencies = [("reporting", "0023_plain_autotexts")]
    operations = [migrations.RunPython(remember, migrations.RunPython.noop)]
